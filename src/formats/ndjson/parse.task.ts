import { free } from '#memory/free.ts';
import { defineTask } from '#pool/task.ts';
import type { ColumnPlan } from '#tables/column-plan.ts';
import type { TableSchema } from '#tables/schema.ts';
import { parseRecordLines, type RecordLines } from './read-lines.ts';

interface RecordsTask {
  /** Whole lines. */
  bytes: ArrayBuffer;
  schema: TableSchema;
  plan: Pick<ColumnPlan, 'numbers' | 'carried'>;
}

function parseLines({ bytes, schema, plan }: RecordsTask): RecordLines {
  const rows = parseRecordLines(new Uint8Array(bytes), schema, plan);
  free(bytes);
  return rows;
}

/** Reads some lines of NDJSON. */
export const parseRecordsTask = defineTask({
  name: 'parse_records',
  run: parseLines,
  transfers: ({ bytes }) => [bytes],
  phase: 'decode',
});
