import { copyBits } from '#tensor/bits.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import { concatDictionaries } from './concat-dictionaries.ts';

/**
 * Columns of one type, one after the other. Dictionaries that differ become one, with wider indexes where it has more values
 * than the type counts.
 */
export function concatCarried(columns: readonly CarriedColumn[]): CarriedColumn {
  if (columns.length === 1) return columns[0];
  if (columns[0].type.kind === 'dictionary')
    return concatCarriedValues(concatDictionaries(columns, concatCarriedValues));
  return concatCarriedValues(columns);
}

function concatCarriedValues(columns: readonly CarriedColumn[]): CarriedColumn {
  const [{ type, dictionary }] = columns;
  const length = columns.reduce((sum, column) => sum + column.length, 0);
  const whole: CarriedColumn = { type, length, data: new Uint8Array(0), dictionary };
  if (columns.some(({ validity }) => validity)) {
    whole.validity = concatBits(columns, length, ({ validity }) => validity);
  }
  if (type.kind === 'bool') {
    whole.data = concatBits(columns, length, ({ data }) => data);
    return whole;
  }
  whole.data = new Uint8Array(columns.reduce((sum, { data }) => sum + data.length, 0));
  let at = 0;
  for (const { data } of columns) {
    whole.data.set(data, at);
    at += data.length;
  }
  if (columns[0].offsets) whole.offsets = concatOffsets(columns, length);
  return whole;
}

/** @param bitsOf the bits of a column; all are 1 where it has none */
function concatBits(
  columns: readonly CarriedColumn[],
  length: number,
  bitsOf: (column: CarriedColumn) => Uint8Array | undefined,
): Uint8Array {
  const whole = new Uint8Array(Math.ceil(length / 8));
  let at = 0;
  for (const column of columns) {
    const bits = bitsOf(column) ?? new Uint8Array(Math.ceil(column.length / 8)).fill(0xff);
    copyBits(bits, 0, column.length, whole, at);
    at += column.length;
  }
  return whole;
}

function concatOffsets(columns: readonly CarriedColumn[], length: number): Int32Array {
  const whole = new Int32Array(length + 1);
  let row = 0;
  let start = 0;
  for (const { offsets = new Int32Array(1), length: rows } of columns) {
    for (let at = 1; at <= rows; at++) whole[row + at] = start + offsets[at];
    row += rows;
    start += offsets[rows];
  }
  return whole;
}
