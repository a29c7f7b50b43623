import { Problem, problemAt } from '#errors.ts';
import { quoteName } from '#nearest-name.ts';
import type { TableColumn } from '#tables/schema.ts';
import {
  afterLineEnd,
  carriageReturn,
  comma,
  type CsvDialect,
  type CsvRecord,
  endOfQuotes,
  findDelimiter,
  newline,
  point,
  quote,
  scanRecord,
} from './dialect.ts';
import { createColumnTyping } from './type-columns.ts';
import { isMissingCell, readBoolean, readCell } from './read-cell.ts';

/** What a client says of a CSV; whatever is not said is found in its first lines. */
export interface CsvOptions {
  header?: boolean;
  /** One character. */
  delimiter?: string;
  decimal?: '.' | ',';
}

/** What the first lines of a CSV say of the others. */
export interface CsvHead {
  dialect: CsvDialect;
  /** The columns, called by their place where there is no header. */
  columns: TableColumn[];
  hasHeader: boolean;
  /** The byte at which the rows begin, and lines before it. */
  dataOffset: number;
  lines: number;
  warnings: CsvWarning[];
}

/** A guess that is told. */
export interface CsvWarning {
  code: 'header_guessed' | 'decimal_guessed';
  message: string;
}

/** Rows, and bytes, that decide what a column holds. */
const maxTypedRows = 1000;
const maxTypedBytes = 2 ** 20;

/** Cells that a line has at most. */
const maxColumns = 2 ** 20;

const byteOrderMark = [0xef, 0xbb, 0xbf];

/**
 * Reads the first lines of a CSV: how it is written, what its columns are called, and what they hold.
 *
 * Format: RFC 4180, https://www.rfc-editor.org/rfc/rfc4180
 * @param bytes the body from its beginning on: all of it, or a megabyte and the rest of the line
 * @returns undefined where all lines are blank
 * @throws Problem broken_body when the first line is not UTF-8 or a quote is never closed; body_too_large for too many cells
 */
export function readCsvHead(bytes: Uint8Array, options: CsvOptions = {}): CsvHead | undefined {
  const { start, lines: blank } = afterBlankLines(bytes);
  if (start === bytes.length) return undefined;
  const given = decimalOf(options);
  const { delimiter, first } = scanFirstLine(bytes, start, options);
  if (first.isOpen)
    throw new Problem('broken_body', `The CSV is broken: a quote in line ${blank + 1} is never closed.`);
  if (first.cells > maxColumns) {
    const detail = `A line of CSV may have ${maxColumns} cells; the first one has ${first.cells}.`;
    throw new Problem('body_too_large', detail);
  }
  const cells = splitRecord(bytes.subarray(start, first.end), delimiter);
  const dialect = { delimiter, decimal: given ?? findDecimal(bytes, first.next, delimiter) };
  const hasHeader = options.header ?? cells.some((cell) => readCell(cell, dialect.decimal) === 'no number');
  const warnings = given === undefined && dialect.decimal === comma ? [decimalGuessed] : [];
  if (options.header === undefined) warnings.push(...guesses(cells, hasHeader, dialect));
  const dataOffset = hasHeader ? first.next : start;
  const names = hasHeader ? cells : cells.map((_, at) => String(at));
  return {
    dialect,
    columns: typeColumns(bytes.subarray(dataOffset), names, hasHeader, dialect),
    hasHeader,
    dataOffset,
    lines: blank + (hasHeader ? countLines(bytes.subarray(start, first.next)) : 0),
    warnings,
  };
}

/** Bytes of a byte order mark and of blank lines that come first. */
export function countBlankBytes(bytes: Uint8Array): number {
  return afterBlankLines(bytes).start;
}

/** Whether the first line that is not blank ends in the bytes, of which more may follow. */
export function hasFirstLine(bytes: Uint8Array, options: CsvOptions): boolean {
  const { first } = scanFirstLine(bytes, afterBlankLines(bytes).start, options);
  return !first.isOpen && first.next < bytes.length;
}

function scanFirstLine(bytes: Uint8Array, start: number, options: CsvOptions): { delimiter: number; first: CsvRecord } {
  const decimal = decimalOf(options);
  const delimiter = delimiterOf(options) ?? findDelimiter(bytes.subarray(start, start + maxTypedBytes), decimal);
  if (delimiter === decimal) throw sameTwice();
  return { delimiter, first: scanRecord(bytes, start, delimiter) };
}

function decimalOf({ decimal }: CsvOptions): number | undefined {
  return decimal?.charCodeAt(0);
}

function delimiterOf({ delimiter }: CsvOptions): number | undefined {
  if (delimiter === undefined) return undefined;
  const bytes = Buffer.from(delimiter === '\\t' ? '\t' : delimiter);
  const isUsable = bytes.length === 1 && !/["\r\n.\w+-]/.test(String.fromCharCode(bytes[0]));
  if (isUsable) return bytes[0];
  throw problemAt('invalid_request', '/delimiter', 'The delimiter is one character, such as , ; | or a tab.');
}

function sameTwice(): Problem {
  const detail = 'A comma cannot both separate cells and stand in numbers: name another delimiter, such as ;.';
  return problemAt('invalid_request', '/decimal', detail);
}

function afterBlankLines(bytes: Uint8Array): { start: number; lines: number } {
  let start = byteOrderMark.every((byte, at) => bytes[at] === byte) ? byteOrderMark.length : 0;
  let lines = 0;
  for (; bytes[start] === newline || bytes[start] === carriageReturn; lines++) start = afterLineEnd(bytes, start);
  return { start, lines };
}

function countLines(bytes: Uint8Array): number {
  return (
    Buffer.from(bytes)
      .toString('latin1')
      .split(/\r\n|\r|\n/).length - 1 || 1
  );
}

/** The cells of a line, without their quotes. */
function splitRecord(line: Uint8Array, delimiter: number): string[] {
  const cells: string[] = [];
  for (let at = 0; at <= line.length; ) {
    const close = line[at] === quote ? endOfQuotes(line, at) : at - 1;
    const found = line.indexOf(delimiter, close + 1);
    const end = found < 0 ? line.length : found;
    cells.push(decodeCell(line.subarray(at, end)));
    at = end + 1;
  }
  return cells;
}

function decodeCell(bytes: Uint8Array): string {
  try {
    return withoutQuotes(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new Problem('broken_body', 'The first line of the CSV is not UTF-8, nor UTF-16 with a byte order mark.');
  }
}

function withoutQuotes(cell: string): string {
  const isQuoted = cell.length > 1 && cell.startsWith('"') && cell.endsWith('"');
  return isQuoted ? cell.slice(1, -1).replaceAll('""', '"') : cell;
}

/** A comma where it stands in numbers and could not separate thousands, and where no number has a point. */
function findDecimal(bytes: Uint8Array, start: number, delimiter: number): number {
  if (delimiter === comma) return point;
  let hasComma = false;
  const isSeen = visitCells(bytes.subarray(start), delimiter, (text) => {
    const cell = text.trim();
    if (/^[-+]?\d*\.\d+(e[-+]?\d+)?$/i.test(cell)) return false;
    if (/^[-+]?\d*,\d+(e[-+]?\d+)?$/i.test(cell) && !/^[-+]?[1-9]\d{0,2}(,\d{3})+$/.test(cell)) hasComma = true;
    return true;
  });
  return isSeen && hasComma ? comma : point;
}

const decimalGuessed: CsvWarning = {
  code: 'decimal_guessed',
  message: 'Numbers were read with a decimal comma; decimal=. reads them as text.',
};

function guesses(cells: readonly string[], hasHeader: boolean, { decimal }: CsvDialect): CsvWarning[] {
  if (!hasHeader) {
    const counts = cells.length > 1 && cells.every((cell, at) => cell.trim() === String(at));
    const message = 'The first line 0, 1, 2, … was taken for data; header=true takes it for names.';
    return counts ? [{ code: 'header_guessed', message }] : [];
  }
  const value = cells.find((cell) => isValue(cell, decimal));
  if (value === undefined) return [];
  const message = `The first line was taken for a header, although it holds ${quoteName(value)}; header=false takes it for data.`;
  return [{ code: 'header_guessed', message }];
}

function isValue(cell: string, decimal: number): boolean {
  if (readBoolean(cell) !== undefined) return true;
  return !isMissingCell(cell.trim()) && typeof readCell(cell, decimal) === 'number';
}

function typeColumns(
  bytes: Uint8Array,
  names: readonly string[],
  hasHeader: boolean,
  dialect: CsvDialect,
): TableColumn[] {
  const typing = createColumnTyping(names.length, dialect.decimal);
  visitCells(bytes, dialect.delimiter, typing.add, typing.needs);
  const columns = names.map((name, at): TableColumn => ({ name, ...typing.columnAt(at) }));
  if (hasHeader && names[0] === '' && names.length > 1 && typing.firstCounts()) columns[0].isIndex = true;
  return columns;
}

/**
 * Hands over the cells of the rows that decide what columns hold, until a visit says that it has seen enough.
 * @param needs whether a column is still looked at
 * @returns whether all were visited
 */
function visitCells(
  bytes: Uint8Array,
  delimiter: number,
  visit: (text: string, column: number, row: number) => boolean,
  needs: (column: number) => boolean = () => true,
): boolean {
  let row = 0;
  for (let at = 0; at < bytes.length && row < maxTypedRows && (at < maxTypedBytes || row === 0); ) {
    const { end, next, isOpen } = scanRecord(bytes, at, delimiter);
    // The sample may end within quotes.
    if (isOpen) return true;
    if (end === at) {
      at = next;
      continue;
    }
    for (let column = 0; at <= end; column++) {
      const close = bytes[at] === quote ? endOfQuotes(bytes, at) : at - 1;
      let to = close + 1;
      while (to < end && bytes[to] !== delimiter) to++;
      if (needs(column)) {
        const text = withoutQuotes(Buffer.from(bytes.buffer, bytes.byteOffset + at, to - at).toString('utf8'));
        if (!visit(text, column, row)) return false;
      }
      at = to + 1;
    }
    row++;
    at = next;
  }
  return true;
}
