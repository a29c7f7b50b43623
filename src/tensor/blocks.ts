/**
 * The block is the unit of work: a flat range of a row-major tensor, about 2¹⁸ elements. Blocks depend only on the
 * shape of one sample, not on the dtype, the number of samples, the format or the number of workers, so that the same
 * numbers are always combined in the same order and give the same bits.
 */
export const blockTarget = 2 ** 18;

export interface BlockPlan {
  /** Elements of a whole block. */
  length: number;
  /**
   * A new block starts at every multiple of this: a block never straddles two indexes of the axes before `wholeFrom`.
   */
  period: number;
  /** From this axis on, a block contains whole axes. */
  wholeFrom: number;
}

/**
 * The blocks of a tensor whose samples have the shape `shape.slice(1)`.
 * @param keepRows never cut the last axis, however long: columns are picked from whole rows
 * @param keepSamples never cut an axis but the first, however long
 * @param target elements of a block
 */
export function planBlocks(
  shape: readonly number[],
  keepRows: boolean,
  keepSamples = false,
  target = blockTarget,
): BlockPlan {
  let wholeFrom = Math.max(shape.length, 1);
  let unit = 1;
  if (keepRows && shape.length > 0) unit = Math.max(shape[--wholeFrom], 1);
  while (wholeFrom > 1 && (keepSamples || unit * shape[wholeFrom - 1] <= target))
    unit *= Math.max(shape[--wholeFrom], 1);
  const length = Math.max(Math.floor(target / unit), 1) * unit;
  const period = wholeFrom <= 1 ? Infinity : unit * shape[wholeFrom - 1];
  return { length, period, wholeFrom };
}

/**
 * The blocks of some columns of a table: as many rows as the whole table has in one, so that its numbers meet in the same order
 * however many of its columns are read.
 * @param columns those that are read
 * @param allColumns those of the table
 * @param target elements of a block of the whole table
 */
export function planRowBlocks(columns: number, allColumns: number, target = blockTarget): BlockPlan {
  const rows = Math.max(Math.floor(target / Math.max(allColumns, 1)), 1);
  return { length: rows * columns, period: Infinity, wholeFrom: 1 };
}

/** Elements of the block that starts at `offset`, in a tensor of `total` elements. */
export function blockLength(plan: BlockPlan, offset: number, total: number): number {
  const rest = plan.period === Infinity ? Infinity : plan.period - (offset % plan.period);
  return Math.min(plan.length, rest, total - offset);
}
