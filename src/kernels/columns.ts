import { copyIndexesIn, kernels, withScratch } from './kernels.ts';

/** The columns of a block of whole rows. */
export interface Columns {
  /** Elements of a whole row. */
  rowLength: number;
  indexes: readonly number[];
}

/** Copies the named columns of every whole row at `whole`, side by side, to `part`. */
export function gatherColumns(whole: number, part: number, rows: number, width: number, columns: Columns): void {
  copyColumns(whole, part, rows, width, columns, true);
}

/** Copies columns that lie side by side at `part` to their places in the whole rows at `whole`. */
export function scatterColumns(whole: number, part: number, rows: number, width: number, columns: Columns): void {
  copyColumns(whole, part, rows, width, columns, false);
}

function copyColumns(
  whole: number,
  part: number,
  rows: number,
  width: number,
  { rowLength, indexes }: Columns,
  isGather: boolean,
): void {
  withScratch(() => {
    const columns = copyIndexesIn(indexes);
    kernels.copy_columns(width, whole, part, rows, rowLength, columns, indexes.length, isGather);
  });
}
