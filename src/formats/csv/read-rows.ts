import type { ProblemCode } from '#errors.ts';
import { grow } from '#memory/grow.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import { createTextBuilder, type TextBuilder } from '#tables/text-builder.ts';
import { afterLineEnd, carriageReturn, comma, type CsvDialect, endOfQuotes, newline, quote } from './dialect.ts';
import { type CellFault, readBoolean, readCell } from './read-cell.ts';

/** How rows are read. */
export interface CsvRowPlan {
  dialect: CsvDialect;
  /** Cells of each row. */
  columns: number;
  /** The cells that are numbers, in the order of the tensor's columns. */
  numbers: readonly number[];
  /** The cells that are carried along. */
  carried: readonly number[];
  /** The cells that may be booleans. */
  booleans: readonly number[];
}

/** Lines of a CSV as numbers and texts. */
export interface CsvRows {
  /** Row-major. */
  values: Float64Array<ArrayBuffer>;
  carried: CarriedColumn[];
  rows: number;
  /** Lines that were read, blank ones and those within quotes too. */
  lines: number;
  /** Where reading stopped before the end. */
  fault?: CsvFault;
}

/** Why a line is not a row of the table. */
export interface CsvFault {
  code: ProblemCode;
  /** The cell, from 0 on; absent where the whole line is at fault. */
  column?: number;
  /** What is wrong, to follow the place in a message. */
  detail: string;
}

/** What a byte is to a number and a line. */
const [digitLike, other, ends] = [0, 1, 2];

/** Digits whose number a double holds exactly, as it does each power of ten up to 22: one division rounds once. */
const maxExactDigits = 15;
const powersOfTen = Float64Array.from({ length: maxExactDigits + 1 }, (_, power) => 10 ** power);

const [zero, minus] = Buffer.from('0-');

/** Characters of a cell that a message shows. */
const maxShown = 40;

/** Bytes that become a string at once: longer strings are not freed before the next full collection. */
const textLength = 2 ** 14;

/** Numbers are gathered here: how many there will be is not known before. */
let gathered = new Float64Array(2 ** 16);

/**
 * Reads lines up to the first fault. Blank lines are skipped, as NumPy and pandas do; a missing value in a table of one column
 * is `""` or one of pandas' words. Cells that are neither numbers nor carried are not looked at.
 * @param bytes whole lines
 */
export function parseRows(bytes: Uint8Array, plan: CsvRowPlan): CsvRows {
  const { dialect, columns } = plan;
  const { delimiter, decimal } = dialect;
  const places = placesOf(plan);
  const isBoolean = new Uint8Array(columns);
  for (const column of plan.booleans) isBoolean[column] = 1;
  const builders = plan.carried.map((): TextBuilder => createTextBuilder({ kind: 'utf8' }));
  const kinds = kindsOf(dialect);
  const width = plan.numbers.length;
  const end = bytes.length;
  // One character a byte: positions are the same in both.
  const source = Buffer.from(bytes.buffer, bytes.byteOffset, end);
  let text = '';
  let [textFrom, textTo] = [0, 0];
  let [rows, lines, at] = [0, 0, 0];
  let fault: CsvFault | undefined;

  function textOf(from: number, to: number): string {
    if (from < textFrom || to > textTo) {
      [textFrom, textTo] = [from, Math.min(Math.max(to, from + textLength), end)];
      text = source.toString('latin1', textFrom, textTo);
    }
    return text.slice(from - textFrom, to - textFrom);
  }

  while (at < end) {
    lines++;
    if (bytes[at] === newline || bytes[at] === carriageReturn) {
      at = afterLineEnd(bytes, at);
      continue;
    }
    const row = rows * width;
    if (row + width > gathered.length) gathered = grow(gathered, row, Math.max(row + width, 2 * gathered.length));
    for (let column = 0; ; column++) {
      const from = at;
      const place = column < columns ? places[column] : unread;
      if (bytes[at] === quote) {
        const close = endOfQuotes(bytes, at);
        if (close < 0) {
          fault = { code: 'broken_body', column, detail: 'has a quote that is never closed.' };
          break;
        }
        lines += lineEndsBetween(bytes, at, close);
        at = close + 1;
      } else if (place >= 0) {
        // Digits with at most one point among them, which is what most cells are.
        let byte = bytes[at];
        const isNegative = byte === minus;
        if (isNegative) byte = bytes[++at];
        const first = at;
        let digits = 0;
        let pointAt = -1;
        for (; ; byte = bytes[++at]) {
          const digit = byte - zero;
          if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
          else if (byte === decimal && pointAt < 0) pointAt = at;
          else break;
        }
        const count = at - first - (pointAt < 0 ? 0 : 1);
        if (count > 0 && count <= maxExactDigits && (at === end || kinds[byte] === ends)) {
          const size = pointAt < 0 ? digits : digits / powersOfTen[at - pointAt - 1];
          gathered[row + place] = isNegative ? -size : size;
          if (at < end && byte === delimiter) {
            at++;
            continue;
          }
          if (column + 1 !== columns) fault = raggedRow(column + 1, columns, delimiter);
          break;
        }
      }
      let seen = at === from || bytes[from] !== quote ? digitLike : other;
      let kind = digitLike;
      for (; at < end && (kind = kinds[bytes[at]]) !== ends; at++) seen |= kind;
      if (place >= 0) {
        const value = readNumber(textOf, from, at, seen, decimal, isBoolean[column] === 1);
        if (typeof value === 'string') {
          fault = faultOf(value, column, bytes.subarray(from, at), delimiter);
          break;
        }
        gathered[row + place] = value;
      } else if (place < unread) {
        addCell(builders[firstCarried - place], bytes, from, at);
      }
      if (at < end && bytes[at] === delimiter) {
        at++;
        continue;
      }
      if (column + 1 !== columns) fault = raggedRow(column + 1, columns, delimiter);
      break;
    }
    if (fault) break;
    rows++;
    at = afterLineEnd(bytes, at);
  }
  for (const builder of builders) builder.cut(rows);
  const values = gathered.slice(0, rows * width);
  return { values, carried: builders.map((builder) => builder.build()), rows, lines, fault };
}

/** The place of a column among the numbers; or this for one that is not read, and below it those that are carried. */
const unread = -1;
const firstCarried = -2;

function placesOf({ columns, numbers, carried }: CsvRowPlan): Int32Array {
  const places = new Int32Array(columns).fill(unread);
  numbers.forEach((column, at) => (places[column] = at));
  carried.forEach((column, at) => (places[column] = firstCarried - at));
  return places;
}

const kindsOfDialects = new Map<number, Uint8Array>();

function kindsOf({ delimiter }: CsvDialect): Uint8Array {
  const known = kindsOfDialects.get(delimiter);
  if (known) return known;
  const kinds = new Uint8Array(256).fill(other);
  for (const byte of Buffer.from('0123456789+-.eE')) kinds[byte] = digitLike;
  for (const byte of [delimiter, newline, carriageReturn]) kinds[byte] = ends;
  kindsOfDialects.set(delimiter, kinds);
  return kinds;
}

function readNumber(
  textOf: (from: number, to: number) => string,
  from: number,
  to: number,
  seen: number,
  decimal: number,
  isBoolean: boolean,
): number | CellFault {
  const cell = textOf(from, to);
  // Of nothing but the bytes of a number, what Number takes is a decimal; the rest is looked at again.
  const plain = seen === digitLike && to > from && decimal !== comma ? Number(cell) : NaN;
  if (Math.abs(plain) <= Number.MAX_SAFE_INTEGER) return plain;
  const isQuoted = cell.length > 1 && cell.startsWith('"') && cell.endsWith('"');
  const content = isQuoted ? cell.slice(1, -1) : cell;
  const read = readCell(content, decimal);
  return read === 'no number' && isBoolean ? (readBoolean(content) ?? read) : read;
}

/** A cell that is carried: nothing at all is missing, `""` is an empty text. */
function addCell(builder: TextBuilder, bytes: Uint8Array, from: number, to: number): void {
  if (from === to) builder.addMissing();
  else if (bytes[from] !== quote || to - from < 2 || bytes[to - 1] !== quote) builder.add(bytes, from, to);
  else addUnquoted(builder, bytes, from + 1, to - 1);
}

function addUnquoted(builder: TextBuilder, bytes: Uint8Array, from: number, to: number): void {
  const inner = bytes.subarray(from, to);
  if (!inner.includes(quote)) {
    builder.add(bytes, from, to);
    return;
  }
  const single = Buffer.from(Buffer.from(inner).toString('latin1').replaceAll('""', '"'), 'latin1');
  builder.add(single, 0, single.length);
}

function lineEndsBetween(bytes: Uint8Array, from: number, to: number): number {
  let count = 0;
  for (let at = bytes.indexOf(newline, from); at >= 0 && at < to; at = bytes.indexOf(newline, at + 1)) count++;
  return count;
}

const details: Record<CellFault, string> = {
  'no number': 'is not a number',
  'beyond a double': 'is beyond a double',
  'not exact': 'cannot be held exactly by a double, which has integers up to 2^53',
};

function faultOf(kind: CellFault, column: number, bytes: Uint8Array, delimiter: number): CsvFault {
  const cell = Buffer.from(bytes).toString('utf8');
  const shown = JSON.stringify(cell.length > maxShown ? `${cell.slice(0, maxShown)}…` : cell);
  const hint = kind === 'no number' ? ` (cells are separated by ${show(delimiter)})` : '';
  const code = kind === 'not exact' ? 'not_exact' : 'invalid_data';
  return { code, column, detail: `${shown} ${details[kind]}${hint}.` };
}

function raggedRow(cells: number, columns: number, delimiter: number): CsvFault {
  const detail = `has ${cells} cells separated by ${show(delimiter)}, the first line has ${columns}.`;
  return { code: 'ragged_rows', detail };
}

function show(delimiter: number): string {
  return JSON.stringify(String.fromCharCode(delimiter));
}
