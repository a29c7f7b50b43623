import type { FloatDtype } from '#tensor/dtype.ts';
import { shortestFloat32 } from '../json-text.ts';

/** Cells whose text is made at once: the strings of a whole block would be tens of megabytes of garbage. */
const cellsAtOnce = 2 ** 9;

/** Bytes that the longest cell takes with its separator: -2.2250738585072014e-308 and a comma. */
const longestCell = 25;

const utf8 = new TextEncoder();

/** The text is put together here. */
let room = new Uint8Array(0);

/**
 * Values as CSV: each the shortest text that reads back to the same double (float16 and float32: to the same float32),
 * `nan`, `inf` and `-inf` as NumPy writes them, and no integer of more than 2^53, which pandas would not take for a
 * number. The bytes of ranges that follow each other make those of the whole.
 * @param values the elements of a flat range
 * @param offset where the range begins in the table
 * @param columns the columns of the table
 */
export function csvBytes(
  values: ArrayLike<number>,
  offset: number,
  columns: number,
  dtype: FloatDtype,
): Uint8Array<ArrayBuffer> {
  const most = values.length * longestCell;
  if (room.length < most) room = new Uint8Array(most);
  let length = 0;
  for (let from = 0; from < values.length; from += cellsAtOnce) {
    const text = cellsText(values, from, Math.min(from + cellsAtOnce, values.length), offset, columns, dtype);
    length += utf8.encodeInto(text, room.subarray(length)).written;
  }
  return room.slice(0, length);
}

function cellsText(
  values: ArrayLike<number>,
  from: number,
  to: number,
  offset: number,
  columns: number,
  dtype: FloatDtype,
): string {
  let text = '';
  let column = (offset + from) % columns;
  for (let at = from; at < to; at++) {
    const value = dtype === 'float64' ? values[at] : shortestFloat32(values[at]);
    if (++column === columns) column = 0;
    text += numberText(value) + (column === 0 ? '\n' : ',');
  }
  return text;
}

/** The line of the columns' names, quoted where RFC 4180 asks for it. */
export function csvHeader(names: readonly string[]): string {
  const cells = names.map((name) => (/[",\r\n]|^\s|\s$|^$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name));
  return `${cells.join(',')}\n`;
}

function numberText(value: number): string {
  if (Math.abs(value) <= Number.MAX_SAFE_INTEGER) return Object.is(value, -0) ? '-0' : String(value);
  if (Number.isFinite(value)) return value.toExponential();
  if (Number.isNaN(value)) return 'nan';
  return value > 0 ? 'inf' : '-inf';
}
