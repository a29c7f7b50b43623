import type { FloatDtype } from '#tensor/dtype.ts';
import { shortestFloat32 } from '../json-text.ts';

/**
 * Values as CSV: each the shortest text that reads back to the same double (float16 and float32: to the same float32),
 * `nan`, `inf` and `-inf` as NumPy writes them, and no integer of more than 2^53, which pandas would not take for a
 * number. The texts of ranges that follow each other make the text of the whole.
 * @param values the elements of a flat range
 * @param offset where the range begins in the table
 * @param columns the columns of the table
 */
export function csvText(
  values: ArrayLike<number>,
  count: number,
  offset: number,
  columns: number,
  dtype: FloatDtype,
): string {
  const cells = new Array<string>(count);
  let column = offset % columns;
  for (let at = 0; at < count; at++) {
    const value = dtype === 'float64' ? values[at] : shortestFloat32(values[at]);
    if (++column === columns) column = 0;
    cells[at] = numberText(value) + (column === 0 ? '\n' : ',');
  }
  return cells.join('');
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
