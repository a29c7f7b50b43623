import { free } from '#memory/free.ts';
import { defineTask } from '#pool/task.ts';
import { type CsvRowPlan, type CsvRows, parseRows } from './read-rows.ts';

interface CsvTask {
  /** Whole lines, from byte `start` on. */
  bytes: ArrayBuffer;
  start: number;
  plan: CsvRowPlan;
}

function parseLines({ bytes, start, plan }: CsvTask): CsvRows {
  const rows = parseRows(new Uint8Array(bytes, start), plan);
  free(bytes);
  return rows;
}

/** Reads some lines of a CSV body. */
export const parseCsvTask = defineTask({ name: 'parse_csv', run: parseLines, transfers: ({ bytes }) => [bytes] });
