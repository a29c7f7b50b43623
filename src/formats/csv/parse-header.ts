import { Problem } from '#errors.ts';
import { readCell } from './parse-cell.ts';

/** The first line of a CSV body. */
export interface FirstLine {
  /** The column names, if it is a header. */
  names?: string[];
  /** Absent if all lines are blank. */
  columns?: number;
  /** Where the data start, and how many lines are before them. */
  dataOffset: number;
  lines: number;
}

/** Maximum cells of a line. */
const maxColumns = 2 ** 20;

const [quote, comma, newline, carriageReturn] = Buffer.from('",\n\r');

const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * Reads the first line that is not blank. It is a header if one of its cells is not a number, or as `header` says.
 *
 * Format: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180; lines end with CRLF or LF.
 * @param bytes the start of the body, up to the end of a line
 * @throws Problem broken_body if the line is not UTF-8 or a quote is never closed; body_too_large for too many cells
 */
export function readFirstLine(bytes: Uint8Array, header?: boolean): FirstLine {
  const { start, lines: blank } = afterBlankLines(bytes);
  if (start === bytes.length) return { dataOffset: start, lines: blank };
  const { end, lines } = endOfRecord(bytes, start);
  const cells = splitRecord(decode(bytes.subarray(start, end)));
  const isHeader = header ?? cells.some((cell) => readCell(cell) === 'no number');
  if (!isHeader) return { columns: cells.length, dataOffset: start, lines: blank };
  return { names: cells, columns: cells.length, dataOffset: Math.min(end + 1, bytes.length), lines: blank + lines };
}

function afterBlankLines(bytes: Uint8Array): { start: number; lines: number } {
  let start = byteOrderMark.every((byte, at) => bytes[at] === byte) ? byteOrderMark.length : 0;
  let lines = 0;
  while (bytes[start] === newline || (bytes[start] === carriageReturn && bytes[start + 1] === newline)) {
    start += bytes[start] === newline ? 1 : 2;
    lines++;
  }
  return { start, lines };
}

/** Finds the line end outside quotes. A quote opens only at the start of a cell; a doubled quote does not close. */
function endOfRecord(bytes: Uint8Array, start: number): { end: number; lines: number } {
  let quoted = false;
  let closed = start;
  let lines = 1;
  let end = start;
  for (; end < bytes.length; end++) {
    if (bytes[end] === newline) {
      if (!quoted) break;
      lines++;
    } else if (bytes[end] === quote) {
      const opens = end === start || bytes[end - 1] === comma || end - 1 === closed;
      if (quoted) closed = end;
      quoted = !quoted && opens;
    }
  }
  if (quoted) throw new Problem('broken_body', `The CSV is broken: a quote in line ${lines} is never closed.`);
  return { end, lines };
}

function decode(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes).replace(/\r$/, '');
  } catch {
    throw new Problem('broken_body', 'The first line of the CSV is not UTF-8.');
  }
}

/** The cells of a line, unquoted. */
function splitRecord(line: string): string[] {
  const cells: string[] = [];
  for (let at = 0; at <= line.length; ) {
    if (cells.length === maxColumns) {
      throw new Problem(
        'body_too_large',
        `A line of CSV may have at most ${maxColumns} cells; the first line has more.`,
      );
    }
    const end = endOfCell(line, at);
    cells.push(withoutQuotes(line.slice(at, end)));
    at = end + 1;
  }
  return cells;
}

function endOfCell(line: string, start: number): number {
  let from = start;
  if (line[start] === '"') {
    do from = line.indexOf('"', from + 1) + 1;
    while (line[from] === '"' && from > 0);
    if (from === 0) return line.length;
  }
  const end = line.indexOf(',', from);
  return end < 0 ? line.length : end;
}

function withoutQuotes(cell: string): string {
  const quoted = cell.length > 1 && cell.startsWith('"') && cell.endsWith('"');
  return quoted ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}
