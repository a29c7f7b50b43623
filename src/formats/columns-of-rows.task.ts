import { defineTask } from '#pool/task.ts';
import { fromRowMajor } from '#tables/from-row-major.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import type { ArrayFloat } from '#tensor/dtype.ts';

/** Row-major floats. */
interface Rows {
  elements: ArrayBuffer;
  dtype: ArrayFloat;
  /** Numbers in a row. */
  width: number;
}

/** Turns rows into columns, which share one buffer. */
export const columnsOfRowsTask = defineTask({
  name: 'columns_of_rows',
  run: ({ elements, dtype, width }: Rows): CarriedColumn[] => fromRowMajor(elements, dtype, width),
  transfers: ({ elements }) => [elements],
  phase: 'encode',
});
