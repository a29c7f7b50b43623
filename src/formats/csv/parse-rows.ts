import type { ProblemCode } from '#errors.ts';
import { grow } from '#memory/grow.ts';
import { type CellFault, readCell } from './parse-cell.ts';

/** Parsed lines of a CSV body. */
export interface CsvRows {
  /** Row-major. */
  values: Float64Array<ArrayBuffer>;
  rows: number;
  /** Number of lines read, blank lines included. */
  lines: number;
  /** Why parsing stopped early. */
  fault?: CsvFault;
}

/** Why a line is not a valid row. */
export interface CsvFault {
  code: ProblemCode;
  /** Index of the cell; absent if the whole line is at fault. */
  column?: number;
  /** What is wrong, to follow the place in a message. */
  detail: string;
}

const [quote, comma, newline, carriageReturn] = Buffer.from('",\n\r');

/** 1 for each byte that does not occur in a plain decimal number. */
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

/**
 * Bytes, rounded up to a whole line, to decode at once: larger strings survive until the next full garbage collection.
 */
const textLength = 2 ** 14;

/** Collects the numbers, whose count is not known in advance. */
let gathered = new Float64Array(2 ** 16);

/**
 * Parses lines of numbers up to the first fault. Blank lines are skipped, as in NumPy and pandas; write a missing value
 * in a table of one column as `nan` or `""`.
 * @param bytes whole lines
 * @param columns number of cells in each line
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
  // One character per byte, so that positions are the same in both; numbers are ASCII.
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

/** Parses the cells of the line `[start, end)` into `gathered`, from `to` on. */
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
    // If a cell has only bytes of plain numbers, whatever Number accepts is a decimal; other cells go to `readCell`.
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
