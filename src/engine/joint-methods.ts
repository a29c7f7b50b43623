import { problemAt } from '#errors.ts';
import type { CommonOptions, Method } from '#normalizers/method.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { keptShape, reducedAxes } from '#tensor/axis.ts';
import { type BlockPlan, blockTarget, planBlocks, planRowBlocks } from '#tensor/blocks.ts';
import type { Layout } from '#tensor/layout.ts';

/** The blocks of a call's data. */
export function planFor(asked: CommonOptions | undefined, shape: readonly number[]): BlockPlan {
  if (!asked || !methodOf(asked).joint) return planBlocks(shape, asked?.columns !== undefined);
  const reduced = reducedAxes(asked.axis, shape.length);
  const features = keptShape(shape, reduced).reduce((product, length) => product * length, 1);
  return planBlocks(shape, asked.columns !== undefined, true, jointTarget(features));
}

/** The same of some columns of a table: they meet in the same order as in the whole table. */
export function planRowsFor(asked: CommonOptions | undefined, columns: number, allColumns: number): BlockPlan {
  const target = asked && methodOf(asked).joint ? jointTarget(allColumns) : blockTarget;
  return planRowBlocks(columns, allColumns, target);
}

/** Blocks for a normalizer that looks at pairs of slices have enough samples for what it keeps of each pair to repay. */
function jointTarget(features: number): number {
  return Math.max(blockTarget, features ** 2 / 4);
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
