import type { ProblemCode } from '#errors.ts';
import { grow } from '#memory/grow.ts';
import { type CellFault, readCell } from './parse-cell.ts';

/** Lines of a CSV body as numbers. */
export interface CsvRows {
  /** Row-major. */
  values: Float64Array<ArrayBuffer>;
  rows: number;
  /** Lines that were read, blank ones too. */
  lines: number;
  /** Where reading stopped before the end. */
  fault?: CsvFault;
}

/** Why a line is not a row of numbers. */
export interface CsvFault {
  code: ProblemCode;
  /** The cell, from 0 on; absent where the whole line is at fault. */
  column?: number;
  /** What is wrong, to follow the place in a message. */
  detail: string;
}

const [quote, comma, newline, carriageReturn] = Buffer.from('",\n\r');

/** 1 for each byte that a plain number does not have. */
const odd = Uint8Array.from({ length: 256 }, (_, byte) =>
  Number(!'0123456789+-.eE'.includes(String.fromCharCode(byte))),
);

const faults: Record<CellFault, { code: ProblemCode; detail: string }> = {
  'no number': {
    code: 'invalid_data',
    detail: 'is not a number. A cell may be a number, nan, inf or empty; commas separate cells.',
  },
  'beyond a double': { code: 'invalid_data', detail: 'is too large for a double.' },
  'not exact': {
    code: 'not_exact',
    detail: 'cannot be represented exactly as a double: integers are exact up to 2^53.',
  },
};

/** Bytes, and the rest of a line, that become a string at once: larger ones are not freed before the next full collection. */
const textLength = 2 ** 14;

/** Numbers are gathered here: how many there will be is not known before. */
let gathered = new Float64Array(2 ** 16);

/**
 * Reads lines of numbers, up to the first fault. Blank lines are skipped, as NumPy and pandas do; a missing value in a
 * table of one column is `nan` or `""`.
 * @param bytes whole lines
 * @param columns cells that each line has
 */
export function readRows(bytes: Uint8Array<ArrayBuffer>, columns: number): CsvRows {
  const read: CsvRows = { values: gathered, rows: 0, lines: 0 };
  for (let from = 0; from < bytes.length && !read.fault; ) {
    const found = bytes.indexOf(newline, from + textLength);
    const to = found < 0 ? bytes.length : found + 1;
    readLines(bytes.subarray(from, to), columns, read);
    from = to;
  }
  return { ...read, values: gathered.slice(0, read.rows * columns) };
}

function readLines(bytes: Uint8Array<ArrayBuffer>, columns: number, read: CsvRows): void {
  // One character a byte: positions are the same in both, and a number is ASCII.
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  for (let at = 0; at < bytes.length && !read.fault; read.lines++) {
    const found = bytes.indexOf(newline, at);
    const next = found < 0 ? bytes.length : found;
    const end = next > at && bytes[next - 1] === carriageReturn ? next - 1 : next;
    if (end > at) {
      makeRoom((read.rows + 1) * columns);
      read.fault = readRow(bytes, text, at, end, columns, read.rows * columns);
      if (!read.fault) read.rows++;
    }
    at = next + 1;
  }
}

function makeRoom(count: number): void {
  if (count > gathered.length) gathered = grow(gathered, gathered.length, Math.max(count, 2 * gathered.length));
}

/** Reads the cells of the line `[start, end)` to `gathered`, from `to` on. */
function readRow(
  bytes: Uint8Array,
  text: string,
  start: number,
  end: number,
  columns: number,
  to: number,
): CsvFault | undefined {
  let column = 0;
  for (let at = start; at <= end; at++, column++) {
    const from = at;
    let seen = 0;
    for (; at < end && bytes[at] !== comma; at++) seen |= odd[bytes[at]];
    if (column >= columns) continue;
    // Of nothing but the bytes of a number, what Number takes is a decimal; the rest is looked at again.
    const plain = seen === 0 && at > from ? Number(text.slice(from, at)) : NaN;
    const read = Math.abs(plain) <= Number.MAX_SAFE_INTEGER ? plain : readCell(unquoted(bytes, text, from, at));
    if (typeof read === 'string') return faultOf(read, column, bytes.subarray(from, at));
    gathered[to + column] = read;
  }
  if (column === columns) return undefined;
  return { code: 'ragged_rows', detail: `has ${column} cells, but the first line has ${columns}.` };
}

function unquoted(bytes: Uint8Array, text: string, from: number, to: number): string {
  const quoted = to - from > 1 && bytes[from] === quote && bytes[to - 1] === quote;
  return quoted ? text.slice(from + 1, to - 1) : text.slice(from, to);
}

function faultOf(kind: CellFault, column: number, cell: Uint8Array): CsvFault {
  const { code, detail } = faults[kind];
  const shown = Buffer.from(cell.subarray(0, 40)).toString('utf8');
  return { code, column, detail: `${JSON.stringify(shown)} ${detail}` };
}
