import type { Dtype } from '#tensor/dtype.ts';
import { free } from '#memory/free.ts';
import { type ColumnarRows, toRows } from './columns-to-rows.ts';

export interface ToRowsTask {
  kind: 'to_rows';
  columns: ColumnarRows;
  dtype: Dtype;
}

/** Row-major elements of some columns. */
export function runToRows({ columns, dtype }: ToRowsTask): ArrayBuffer {
  const rows = toRows(columns, dtype);
  free(columns.buffer);
  return rows;
}
