import { doublesAt, fillDoubles, allocate, withScratch } from '#kernels/kernels.ts';
import type { View } from '#kernels/view.ts';
import type { Layout } from '#tensor/layout.ts';
import { samplesOf } from '#tensor/samples.ts';
import { eachMatrix } from './multivariate/matrices.ts';
import { type ReduceOptions, reduceBlock } from './reduce-block.ts';
import { type Reduction, type State, stateAt, stateLength } from './reduction.ts';

/**
 * Looks at every value of a block for reductions of any kind; for those that see their slices together, it holds whole
 * samples.
 * @throws Problem not_finite or not_exact
 */
export function reduceView(
  view: View,
  layout: Layout,
  reductions: readonly Reduction[],
  looking: ReduceOptions,
): State[] {
  if (!reductions.some(({ addSamples }) => addSamples)) return reduceBlock(view, layout, reductions, looking);
  return reductions.map((reduction) =>
    reduction.addSamples
      ? reduceSamples(view, layout, reduction, looking)
      : reduceBlock(view, layout, [reduction], looking)[0],
  );
}

function reduceSamples(view: View, layout: Layout, reduction: Reduction, { refuse }: ReduceOptions): State {
  const { slices } = layout;
  return withScratch(() => {
    const length = stateLength(reduction, slices);
    const state = allocate(length * 8);
    doublesAt(state, length).fill(0);
    reduction.empty.forEach((value, at) => fillDoubles(state + at * slices * 8, slices, value));
    eachMatrix(view, samplesOf(layout), refuse, ({ x, rows }) => reduction.addSamples?.(x, rows, slices, state));
    return stateAt(reduction, state, 0, slices);
  });
}
