// What the kernels take by themselves, on an array that lies in their memory and stays there.
import { bytesAt, allocate, withScratch } from '#kernels/kernels.ts';
import type { View } from '#kernels/view.ts';
import { applySteps } from '#normalizers/apply-steps.ts';
import { type Fit, fitFromStates } from '#normalizers/fit.ts';
import { methodOf, Normalizer } from '#normalizers/normalizer.ts';
import { isElementwise, type Step } from '#normalizers/steps.ts';
import { moments } from '#statistics/moments.ts';
import { rejectedBits, reduceBlock } from '#statistics/reduce-block.ts';
import { mergeStates, type Reduction } from '#statistics/reduction.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { blockLength, planBlocks } from '#tensor/blocks.ts';
import { type Layout, layoutOf } from '#tensor/layout.ts';
import type { Case, Given } from './cases.ts';

/** The bits of what blocks are refused for by default. */
const refuse = rejectedBits('raise');

/** The array's blocks in the kernels' memory. */
function placeBlocks({ elements, shape }: Given): View[] {
  const address = allocate(elements.byteLength);
  bytesAt(address, elements.byteLength).set(new Uint8Array(elements.buffer));
  const plan = planBlocks(shape, false);
  const views: View[] = [];
  for (let offset = 0; offset < elements.length; ) {
    const count = blockLength(plan, offset, elements.length);
    const locate = (flat: number) => ({ index: String(flat), pointer: '/data' });
    views.push({ dtype: 'float32', address: address + offset * 4, offset, count, locate });
    offset += count;
  }
  return views;
}

export const namesAlone = ['l2 rows', 'min-max', 'z-score apply', 'four moments'];

/** Cases on a float32 array. Its place in the kernels' memory is kept for good. */
export function aloneCases(given: Given): Case[] {
  const views = placeBlocks(given);
  const layoutOver = (axis: number | null) => layoutOf(given.shape, reducedAxes(axis, given.shape.length));
  const [overAll, overRows, overColumns] = [layoutOver(null), layoutOver(-1), layoutOver(0)];
  const norm = Normalizer.parse({ method: 'norm' });
  const minmax = Normalizer.parse({ method: 'minmax', axis: null });
  const zscore = Normalizer.parse({ method: 'zscore' });
  const isLarge = given.elements.length >= 10 ** 8;
  const target = (memcpy: number) => (isLarge ? { memcpy } : undefined);
  const constant = (value: number) => new Float64Array(overColumns.slices).fill(value);
  const scaling: Fit['parameters'] = { mean: constant(0.001), var: constant(1.002), scale: constant(1.001) };
  return [
    {
      what: 'l2 rows',
      axis: -1,
      target: target(2),
      compute() {
        for (const view of views) {
          const fit = fitFromStates(
            norm,
            overRows.keptShape,
            lookAt([view], overRows, methodOf(norm).reductions(norm)),
          );
          transform(view, overRows, methodOf(norm).transform(norm, fit.parameters), fit.from);
        }
      },
    },
    {
      what: 'min-max',
      axis: null,
      target: target(2),
      compute() {
        const fit = fitFromStates(
          minmax,
          overAll.keptShape,
          lookAt(views, overAll, methodOf(minmax).reductions(minmax)),
        );
        for (const view of views) transform(view, overAll, methodOf(minmax).transform(minmax, fit.parameters), 0);
      },
    },
    {
      what: 'z-score apply',
      axis: 0,
      target: target(2),
      compute() {
        for (const view of views) transform(view, overColumns, methodOf(zscore).transform(zscore, scaling), 0);
      },
    },
    {
      what: 'four moments',
      axis: null,
      target: target(3),
      compute: () => lookAt(views, overAll, [moments]),
    },
  ];
}

/** The states of reductions over blocks. */
function lookAt(views: readonly View[], layout: Layout, reductions: readonly Reduction[]) {
  const states = views.map((view) => reduceBlock(view, layout, reductions, { refuse }));
  return reductions.map((reduction, at) =>
    mergeStates(
      reduction,
      states.map((each) => each[at]),
    ),
  );
}

/** The output is written over the block. */
function transform(view: View, layout: Layout, steps: readonly Step[], from: number): void {
  if (!isElementwise(steps)) throw new Error('These formulas mix no values');
  withScratch(() => applySteps(view, layout, steps, from, 'float32', refuse));
}
