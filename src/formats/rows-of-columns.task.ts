import { defineTask } from '#pool/task.ts';
import { type NumericColumn, toRowMajor } from '#tables/numbers.ts';
import { buffersOfCarried } from '#tensor/carried.ts';
import type { ArrayDtype } from '#tensor/dtype.ts';

/** Numeric columns, in memory of their own. */
interface Columns {
  columns: readonly NumericColumn[];
  dtype: ArrayDtype;
  rows: number;
}

/** Turns columns into rows. */
export const rowsOfColumnsTask = defineTask({
  name: 'rows_of_columns',
  run: ({ columns, dtype, rows }: Columns): ArrayBuffer => toRowMajor(columns, dtype, rows),
  transfers: ({ columns }) => buffersOfCarried(columns.map(({ column }) => column)),
  phase: 'decode',
});
