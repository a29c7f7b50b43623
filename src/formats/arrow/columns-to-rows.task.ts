import type { Dtype } from '#tensor/dtype.ts';
import { free } from '#memory/free.ts';
import { defineTask } from '#pool/task.ts';
import { type ColumnarRows, toRows } from './columns-to-rows.ts';

/** Converts columns to row-major elements. */
export const columnsToRowsTask = defineTask({
  name: 'columns_to_rows',
  run({ columns, dtype }: { columns: ColumnarRows; dtype: Dtype }): ArrayBuffer {
    const rows = toRows(columns, dtype);
    free(columns.buffer);
    return rows;
  },
  transfers: ({ columns }) => [columns.buffer],
});
