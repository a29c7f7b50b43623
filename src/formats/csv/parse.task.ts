import { free } from '#memory/free.ts';
import { defineTask } from '#pool/task.ts';
import { readFirstLine } from './parse-header.ts';
import { type CsvRows, readRows } from './parse-rows.ts';

interface CsvTask {
  /** Whole lines. */
  bytes: ArrayBuffer;
  /** Number of cells per line; absent until the first line has been read. */
  columns?: number;
  /** Whether the first line is a header, if the client says so. */
  header?: boolean;
}

export interface CsvResult extends CsvRows {
  /** Absent if all lines so far are blank. */
  columns?: number;
  names?: string[];
}

function parseChunk(task: CsvTask): CsvResult {
  const result = readPiece(task);
  free(task.bytes);
  return result;
}

function readPiece({ bytes, columns, header }: CsvTask): CsvResult {
  const whole = new Uint8Array(bytes);
  if (columns !== undefined) return { ...readRows(whole, columns), columns };
  const first = readFirstLine(whole, header);
  if (first.columns === undefined) return { values: new Float64Array(0), rows: 0, lines: first.lines };
  const rows = readRows(whole.subarray(first.dataOffset), first.columns);
  return { ...rows, lines: rows.lines + first.lines, columns: first.columns, names: first.names };
}

/** Parses a chunk of whole lines of a CSV body. */
export const parseCsvTask = defineTask({ name: 'parse_csv', run: parseChunk, transfers: ({ bytes }) => [bytes] });
