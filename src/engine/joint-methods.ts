import { problemAt } from '#errors.ts';
import type { CommonOptions, Method } from '#normalizers/method.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { groupingsOf } from '#normalizers/composition/groups.ts';
import { leavesOf, picksColumns } from '#normalizers/composition/parts.ts';
import { keptShape, reducedAxes } from '#tensor/axis.ts';
import { type BlockPlan, blockTarget, planBlocks, planRowBlocks } from '#tensor/blocks.ts';
import type { Layout } from '#tensor/layout.ts';

/** Elements of a block of data in groups: large enough that most groups have several samples in one. */
const groupedTarget = 2 ** 21;

/** The blocks of a call's data. */
export function planFor(asked: CommonOptions | undefined, shape: readonly number[]): BlockPlan {
  if (!asked) return planBlocks(shape, false);
  const keepsRows = picksColumns(asked);
  if (groupingsOf(asked).length > 0) return planBlocks(shape, true, true, groupedTarget);
  const joint = leavesOf(asked).filter((leaf) => methodOf(leaf).joint);
  if (joint.length === 0) return planBlocks(shape, keepsRows);
  const features = joint.map(({ axis }) =>
    keptShape(shape, reducedAxes(axis, shape.length)).reduce((product, length) => product * length, 1),
  );
  return planBlocks(shape, keepsRows, true, jointTarget(Math.max(...features)));
}

/** The same of some columns of a table: they meet in the same order as in the whole table. */
export function planRowsFor(asked: CommonOptions | undefined, columns: number, allColumns: number): BlockPlan {
  if (!asked) return planRowBlocks(columns, allColumns);
  if (groupingsOf(asked).length > 0) return planRowBlocks(columns, allColumns, groupedTarget);
  const isJoint = leavesOf(asked).some((leaf) => methodOf(leaf).joint);
  return planRowBlocks(columns, allColumns, isJoint ? jointTarget(allColumns) : blockTarget);
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
