import { problemAt } from '#errors.ts';
import type { CommonOptions, Method } from '#normalizers/method.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { keptShape, reducedAxes } from '#tensor/axis.ts';
import { type BlockPlan, blockTarget, planBlocks } from '#tensor/blocks.ts';
import type { Layout } from '#tensor/layout.ts';

/** Blocks for a normalizer that looks at pairs of slices have enough samples for what it keeps of each pair to repay. */
export function planFor(asked: CommonOptions | undefined, shape: readonly number[]): BlockPlan {
  if (!asked || !methodOf(asked).joint) return planBlocks(shape, asked?.columns !== undefined);
  const reduced = reducedAxes(asked.axis, shape.length);
  const features = keptShape(shape, reduced).reduce((product, length) => product * length, 1);
  return planBlocks(shape, asked.columns !== undefined, true, Math.max(blockTarget, features ** 2 / 4));
}

/** @throws Problem where a method that looks at all slices together cannot look at these */
export function checkJoint(
  method: Method,
  reduced: readonly boolean[],
  { slices, keptShape: kept }: Layout,
  isNarrowed: boolean,
): void {
  if (!method.joint) return;
  if (reduced.length > 0 && !reduced[0]) {
    const detail = `${method.name} learns over the samples how features vary together: axis 0 must be among the axes.`;
    throw problemAt('axis_out_of_range', '/normalizer/axis', detail);
  }
  const { maxSlices } = method.joint;
  if (slices > maxSlices) {
    const detail = `${method.name} takes up to ${maxSlices} features; these are ${slices}. Select some by columns.`;
    throw problemAt('not_computable', '/normalizer/axis', detail);
  }
  if (isNarrowed && !(kept.length === 1 && !reduced[reduced.length - 1])) {
    const detail = `Other columns come out than go in, so that the features must be the last axis: all others must be among the axes.`;
    throw problemAt('axis_out_of_range', '/normalizer/axis', detail);
  }
}
