/** How a CSV is written. Lines end with LF, CRLF or CR. */
export interface CsvDialect {
  /** What separates cells: one byte. */
  delimiter: number;
  /** What stands before the fraction of a number: `.` or `,`, as a byte. */
  decimal: number;
}

export const [quote, newline, carriageReturn, comma, point] = Buffer.from('"\n\r,.');

/** How a CSV is written where nobody says it. */
export const plainCsv: CsvDialect = { delimiter: comma, decimal: point };

/** What separates cells where nobody says it: a comma comes last, since it may stand in numbers. */
const candidates = Buffer.from('\t;|,');

/** Lines that the delimiter is looked for in. */
const maxLines = 50;

/**
 * The delimiter that cuts the first lines into the same number of cells each; where none does, the one that cuts the first line
 * into most; a comma where there is none at all.
 * @param sample the beginning of a CSV, from its first line on
 * @param excluded a byte that separates no cells, because it stands in numbers
 */
export function findDelimiter(sample: Uint8Array, excluded?: number): number {
  const free = candidates.filter((delimiter) => delimiter !== excluded);
  const counts = Array.from(free, (delimiter) => cellCounts(sample, delimiter));
  const even = counts.findIndex(([first, ...others]) => first > 1 && others.every((count) => count === first));
  if (even >= 0) return free[even];
  const widest = counts.reduce((best, [first], at) => (first > counts[best][0] ? at : best), counts.length - 1);
  return free[widest];
}

/** Cells of each of the first lines. A last line that the sample may have cut does not count, unless it is the only one. */
function cellCounts(sample: Uint8Array, delimiter: number): number[] {
  const counts: number[] = [];
  for (let at = 0; at < sample.length && counts.length < maxLines; ) {
    const { end, next, cells } = scanRecord(sample, at, delimiter);
    const isWhole = next > end || counts.length === 0;
    if (end > at && isWhole) counts.push(cells);
    at = Math.max(next, at + 1);
  }
  return counts.length === 0 ? [1] : counts;
}

/** A line, or several where quotes enclose a line end: where it ends, and where the next one begins. */
export interface CsvRecord {
  end: number;
  next: number;
  cells: number;
  /** Whether a quote is never closed. */
  isOpen: boolean;
}

/** Scans the record that begins at a byte. */
export function scanRecord(bytes: Uint8Array, start: number, delimiter: number): CsvRecord {
  let at = start;
  let cells = 1;
  let cellStart = start;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote && at === cellStart) {
      const close = endOfQuotes(bytes, at);
      if (close < 0) return { end: bytes.length, next: bytes.length, cells, isOpen: true };
      at = close;
    } else if (byte === delimiter) {
      cells++;
      cellStart = at + 1;
    } else if (byte === newline || byte === carriageReturn) {
      break;
    }
  }
  return { end: at, next: afterLineEnd(bytes, at), cells, isOpen: false };
}

/** The quote that closes the one at a byte; -1 where none does. A doubled one stands for itself. */
export function endOfQuotes(bytes: Uint8Array, open: number): number {
  let at = bytes.indexOf(quote, open + 1);
  while (at >= 0 && bytes[at + 1] === quote) at = bytes.indexOf(quote, at + 2);
  return at;
}

/** Where the next line begins: behind LF, CRLF or CR at a byte. */
export function afterLineEnd(bytes: Uint8Array, at: number): number {
  if (at >= bytes.length) return bytes.length;
  return bytes[at] === carriageReturn && bytes[at + 1] === newline ? at + 2 : at + 1;
}

/**
 * Where the last whole record ends of bytes that begin with one and go on: what is before is whole lines. 0 where there is none.
 */
export function lastRecordEnd(bytes: Uint8Array, delimiter: number): number {
  let end = 0;
  let from = 0;
  // From quote to quote: one opens only where a cell begins, any other stands for itself.
  for (;;) {
    const at = bytes.indexOf(quote, from);
    end = lastLineEnd(bytes, from, at < 0 ? bytes.length : at) || end;
    if (at < 0) return end;
    const before = bytes[at - 1];
    const opens = at === 0 || before === delimiter || before === newline || before === carriageReturn;
    const close = opens ? endOfQuotes(bytes, at) : at;
    // A quote at the very end may be the first of two.
    if (close < 0 || close === bytes.length - 1) return end;
    from = close + 1;
  }
}

/** Behind the last line end of a range; 0 where it has none. A CR at the very end may be half of a CRLF. */
function lastLineEnd(bytes: Uint8Array, from: number, to: number): number {
  const range = bytes.subarray(from, to);
  const byLf = range.lastIndexOf(newline);
  if (byLf >= 0) return from + byLf + 1;
  const byCr = range.lastIndexOf(carriageReturn, to === bytes.length ? -2 : to);
  return byCr < 0 ? 0 : from + byCr + 1;
}
