import { type Problem, problemAt } from '#errors.ts';
import { grow } from '#memory/grow.ts';
import { quoteName } from '#nearest-name.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import { readDecimal } from '#tables/read-decimal.ts';
import type { TableColumn } from '#tables/schema.ts';
import { createTextBuilder } from '#tables/text-builder.ts';
import {
  closeBrace,
  closeBracket,
  comma,
  endOfValue,
  minus,
  openBrace,
  openBracket,
  parseRange,
  quote,
  readString,
  zero,
} from './scan.ts';

/** Some rows of a table. */
export interface TableRows {
  /** Row-major, in the plan's order of the columns of numbers. */
  values: Float64Array<ArrayBuffer>;
  carried: CarriedColumn[];
  rows: number;
}

/** Takes the values of a table, row by row, each where it stands in the text. */
export interface ColumnSink {
  /** Takes the value that begins at a byte, and returns the byte behind it. */
  take(bytes: Uint8Array, at: number, column: number, row: number): number;
  /** What stands for a value that is not there. */
  takeMissing(column: number, row: number): void;
}

/** Digits whose number a double holds exactly, as it does each power of ten up to 22: one division rounds once. */
const maxExactDigits = 15;
const powersOfTen = Float64Array.from({ length: maxExactDigits + 1 }, (_, power) => 10 ** power);
const [point] = Buffer.from('.');

const decimal = /^-?(0|[1-9]\d*)(\.\d+)?(e[-+]?\d+)?$/i;

/** What JSON has for the numbers it lacks. */
const notFinite = new Map([
  ['null', NaN],
  ['"NaN"', NaN],
  ['"Infinity"', Infinity],
  ['"-Infinity"', -Infinity],
]);

const words = ['true', 'false', 'null'];

/** Finds out what columns hold. A number decides; booleans are those of a column that has nothing else. */
export function createKindSink(): ColumnSink & { columnAt(column: number): Pick<TableColumn, 'kind' | 'first'> } {
  const hasNumber: boolean[] = [];
  const hasBoolean: boolean[] = [];
  const firsts: ({ row: number; text: string } | undefined)[] = [];
  return {
    take(bytes, at, column, row) {
      const end = endOfValue(bytes, at);
      const first = bytes[at];
      if (first === quote || first === openBrace || first === openBracket) {
        const text = asText(bytes, at, end);
        if (!notFinite.has(text)) firsts[column] ??= { row, text: first === quote ? readString(bytes, at, end) : text };
      } else if (first === minus || (first >= zero && first <= zero + 9)) {
        hasNumber[column] = true;
      } else if (asText(bytes, at, end) !== 'null') {
        hasBoolean[column] = true;
      }
      return end;
    },
    takeMissing: () => undefined,
    columnAt(column) {
      if (hasNumber[column]) return { kind: 'number' };
      const first = firsts[column];
      return first ? { kind: 'other', first } : { kind: hasBoolean[column] ? 'boolean' : 'number' };
    },
  };
}

/** Gathers numbers and texts by a plan. */
export interface RowSink extends ColumnSink {
  /** All rows since the last time. */
  build(rows: number): TableRows;
}

/**
 * @param schema what the columns hold
 * @param plan the columns of numbers, in the tensor's order, and those that are carried
 * @param pointTo the JSON pointer of a cell
 */
export function createRowSink(
  schema: readonly TableColumn[],
  { numbers, carried }: { numbers: readonly number[]; carried: readonly number[] },
  pointTo: (row: number, column: number) => string,
): RowSink {
  const width = numbers.length;
  // Most tables have one row: more room comes with more of them.
  let values = new Float64Array(width);
  let firstRow = 0;
  const builders = carried.map(() => createTextBuilder({ kind: 'json' }));
  const numberAt = new Int32Array(schema.length).fill(-1);
  numbers.forEach((column, at) => (numberAt[column] = at));
  const carriedAt = new Int32Array(schema.length).fill(-1);
  carried.forEach((column, at) => (carriedAt[column] = at));
  const isBoolean = schema.map(({ kind }) => kind === 'boolean');

  function put(place: number, row: number, value: number): void {
    const at = (row - firstRow) * width + place;
    if (at >= values.length) values = grow(values, values.length, Math.max(at + 1, 2 * values.length));
    values[at] = value;
  }

  function takeNumber(bytes: Uint8Array, start: number, place: number, column: number, row: number): number {
    let at = start;
    const isNegative = bytes[at] === minus;
    if (isNegative) at++;
    const first = at;
    let digits = 0;
    let pointAt = -1;
    for (; ; at++) {
      const byte = bytes[at];
      const digit = byte - zero;
      if (digit >= 0 && digit <= 9) digits = digits * 10 + digit;
      else if (byte === point && pointAt < 0) pointAt = at;
      else break;
    }
    const count = at - first - (pointAt < 0 ? 0 : 1);
    const fraction = pointAt < 0 ? 0 : at - pointAt - 1;
    // No digit may follow a leading 0, and one must stand on both sides of a point: the rest is looked at as text.
    const isPlain = count > 0 && count <= maxExactDigits && (bytes[first] !== zero || count - fraction === 1);
    if (isPlain && fraction < count && (pointAt < 0 || fraction > 0) && endsHere(bytes[at])) {
      const size = digits / powersOfTen[fraction];
      put(place, row, isNegative ? -size : size);
      return at;
    }
    const end = endOfValue(bytes, start);
    put(
      place,
      row,
      numberOf(bytes, start, end, isBoolean[column], () => ({
        pointer: pointTo(row, column),
        name: schema[column].name,
        row,
      })),
    );
    return end;
  }

  return {
    take(bytes, at, column, row) {
      const place = numberAt[column];
      if (place >= 0) return takeNumber(bytes, at, place, column, row);
      const end = endOfValue(bytes, at);
      checkValue(bytes, at, end);
      const builder = builders[carriedAt[column]];
      if (builder) {
        if (end - at === 4 && asText(bytes, at, end) === 'null') builder.addMissing();
        else builder.add(bytes, at, end);
      }
      return end;
    },
    takeMissing(column, row) {
      if (numberAt[column] >= 0) put(numberAt[column], row, NaN);
      else builders[carriedAt[column]]?.addMissing();
    },
    build(rows) {
      const carriedRows = builders.map((one) => one.build());
      const read = { values: shortened(values, rows * width), carried: carriedRows, rows };
      values = new Float64Array(0);
      firstRow += rows;
      return read;
    },
  };
}

function shortened(values: Float64Array<ArrayBuffer>, length: number): Float64Array<ArrayBuffer> {
  return values.length === length ? values : new Float64Array(values.buffer.transfer(8 * length));
}

function endsHere(byte: number): boolean {
  return byte === comma || byte === closeBrace || byte === closeBracket || byte <= 0x20;
}

/** A cell, for a message. */
interface Cell {
  pointer: string;
  name: string;
  row: number;
}

function numberOf(bytes: Uint8Array, from: number, to: number, isBoolean: boolean, cell: () => Cell): number {
  const text = asText(bytes, from, to);
  const word = notFinite.get(text);
  if (word !== undefined) return word;
  if (isBoolean && (text === 'true' || text === 'false')) return text === 'true' ? 1 : 0;
  if (!decimal.test(text)) {
    checkValue(bytes, from, to);
    const { pointer, name, row } = cell();
    const detail = `Row ${row}, column ${quoteName(name)}: ${shorten(text)} is not a number.`;
    throw problemAt('invalid_data', pointer, detail);
  }
  const value = readDecimal(text);
  if (typeof value === 'number') return value;
  throw notHeld(value, text, cell());
}

function notHeld(fault: 'beyond a double' | 'not exact', text: string, { pointer, name, row }: Cell): Problem {
  const place = `Row ${row}, column ${quoteName(name)}`;
  if (fault === 'not exact') {
    return problemAt(
      'not_exact',
      pointer,
      `${place}: a double cannot hold ${shorten(text)} exactly: integers are exact up to 2^53.`,
    );
  }
  return problemAt('invalid_data', pointer, `${place}: the number ${shorten(text)} is beyond a double.`);
}

/** What is carried goes out as it came: it must be JSON. */
function checkValue(bytes: Uint8Array, from: number, to: number): void {
  const first = bytes[from];
  if (first === quote && !bytes.subarray(from, to).includes(0x5c)) return;
  const text = asText(bytes, from, to);
  if (words.includes(text) || decimal.test(text)) return;
  parseRange(bytes, from, to);
}

function asText(bytes: Uint8Array, from: number, to: number): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8');
}

/** Characters that a message shows of a value. */
const maxShown = 40;

function shorten(text: string): string {
  return text.length > maxShown ? `${text.slice(0, maxShown)}…` : text;
}
