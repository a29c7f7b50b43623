import { defineTask } from '#pool/task.ts';
import { buffersOfCarried, type CarriedColumn } from '#tensor/carried.ts';
import type { ParquetWrittenField } from './arrow-hint.ts';

/** A row group to be written. */
interface WriteGroup {
  fields: readonly ParquetWrittenField[];
  /** One for each field, in memory of their own. */
  columns: readonly CarriedColumn[];
}

/** Encodes a row group, wherever it will stand in its file. */
export const writeGroupTask = defineTask({
  name: 'write_parquet_group',
  async run({ fields, columns }: WriteGroup) {
    const { encodeRowGroup } = await import('./row-group.ts');
    return encodeRowGroup(fields, columns);
  },
  transfers: ({ columns }) => buffersOfCarried(columns),
  phase: 'encode',
});
