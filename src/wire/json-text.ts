import { Problem } from '#errors.ts';
import type { FloatDtype } from '#tensor/dtype.ts';
import { mostEmptyLists, showShape } from '#tensor/shape.ts';

/** A number in strict JSON. */
type Cell = number | null | 'Infinity' | '-Infinity';

/** JSON.stringify drops the sign of -0, so it gets a string, which loses its quotes afterwards. */
type WrittenCell = Cell | '-0';

const float = new Float32Array(1);
const floatBits = new Uint32Array(float.buffer);

/** For each exponent of a float32, the exponent of ten of the least magnitude that has it. */
const leastMagnitudes = Int8Array.from({ length: 256 }, (_, exponent) => Math.floor((exponent - 127) * Math.log10(2)));

const leastMagnitude = leastMagnitudes[0];

/** The powers of ten from that of `leastMagnitude` on; those from 1 to 1e22 are exact. */
const powersOfTen = Array.from({ length: 80 }, (_, at) => Number(`1e${at + leastMagnitude}`));

function powerOfTen(exponent: number): number {
  return powersOfTen[exponent - leastMagnitude];
}

/**
 * The text of the flat range `[offset, offset + count)` of a tensor written as nested lists. The texts of ranges that
 * follow each other and cover the tensor make, joined by nothing, the text of the whole. A tensor without elements is
 * the one range with offset 0 and count 0.
 *
 * NaN is null and the infinities are strings; -0 keeps its sign.
 * @param values the elements of the range, from index 0 on
 * @param shape the shape of the whole tensor
 * @param dtype the tensor's; float16 and float32 are written in the digits that a float32 needs
 * @throws Problem not_computable for a shape without elements that would be over a million empty lists
 */
export function nestedText(
  values: ArrayLike<number>,
  count: number,
  shape: readonly number[],
  offset: number,
  dtype: FloatDtype,
): string {
  const cells = writtenCells(values, count, dtype);
  if (shape.length === 0) return stringify(cells[0]);
  const strides = stridesOf(shape);
  if (count === 0 && shape[0] * strides[0] > 0) return '';
  return rangeText({ cells, shape, strides }, 0, offset, offset + count, 0);
}

/** The text of the same range without brackets, as the `data` of a flat tensor has it. */
export function flatText(values: ArrayLike<number>, count: number, offset: number, dtype: FloatDtype): string {
  if (count === 0) return '';
  const text = stringify(writtenCells(values, count, dtype)).slice(1, -1);
  return offset === 0 ? text : `,${text}`;
}

/**
 * A function that takes the bytes of a tensor piece by piece, in order, and gives their base64 piece by piece. One or two bytes that do not fill a group of three wait for the next call, so the last call must say that it is.
 */
export function base64Text(): (bytes: Uint8Array, last: boolean) => string {
  let rest: Uint8Array = new Uint8Array(0);
  return (bytes, last) => {
    const all = Buffer.concat([rest, bytes]);
    const end = last ? all.length : all.length - (all.length % 3);
    rest = all.subarray(end);
    return all.toString('base64', 0, end);
  };
}

/**
 * Small tensors, such as parameters, as what JSON.stringify makes nested lists of.
 * @throws Problem not_computable for a shape without elements that would be over a million empty lists
 */
export function nestedList(values: ArrayLike<number>, shape: readonly number[]): unknown {
  if (shape.length === 0) return jsonCell(values[0]);
  const cells = new Array<Cell>(values.length);
  for (let at = 0; at < values.length; at++) cells[at] = jsonCell(values[at]);
  return lists({ cells, shape, strides: stridesOf(shape) }, 0, shape[0], 0);
}

/**
 * The double whose text is the shortest that reads back to the same float32, by way of a double: 0.1 for
 * 0.10000000149011612. Three powers of two (-96, 87 and 90) get a digit more than they need, since their neighbours
 * below are nearer than those above.
 */
export function shortestFloat32(value: number): number {
  const size = Math.abs(value);
  if (!(size < Infinity) || (size <= 2 ** 24 && Math.trunc(value) === value)) return value;
  // 6 digits are never ambiguous and 9 always suffice; most values need 8. In this range the powers are exact, so one
  // division or product of exact numbers rounds to the double that the decimal reads as.
  if (size >= 1e-14 && size < 1e27) {
    const eight = 7 - magnitudeOf(size);
    const near = withDecimals(value, eight);
    if (Math.fround(near) === value) {
      const seven = withDecimals(value, eight - 1);
      if (Math.fround(seven) !== value) return near;
      const six = withDecimals(value, eight - 2);
      return Math.fround(six) === value ? six : seven;
    }
    const nine = withDecimals(value, eight + 1);
    if (Math.fround(nine) === value) return nine;
  }
  for (let digits = size < 2 ** -126 ? 1 : 6; ; digits++) {
    const near = Number(value.toPrecision(digits));
    if (Math.fround(near) === value) return near;
  }
}

function withDecimals(value: number, decimals: number): number {
  const power = powerOfTen(Math.abs(decimals));
  return decimals < 0 ? Math.round(value / power) * power : Math.round(value * power) / power;
}

/** The exponent of ten of a float32 from 1e-14 on. Its exponent of two tells it within one, and that is faster than log10. */
function magnitudeOf(size: number): number {
  float[0] = size;
  const least = leastMagnitudes[floatBits[0] >>> 23];
  return size >= powerOfTen(least + 1) ? least + 1 : least;
}

/** Cells of a flat range that starts at 0, and the shape they are cut into. */
interface Cut {
  cells: readonly WrittenCell[];
  shape: readonly number[];
  strides: readonly number[];
}

/**
 * The text of the range `[start, end)` of one list of an axis, counted in elements of that list. It falls into the rest
 * of a list that an earlier range began, whole lists, and the beginning of one that a later range ends.
 * @param at the index of the range's first cell
 */
function rangeText(cut: Cut, axis: number, start: number, end: number, at: number): string {
  const length = cut.shape[axis];
  const stride = cut.strides[axis];
  if (start === 0 && end === length * stride) return stringify(lists(cut, axis, length, at));
  const parts: string[] = [];
  const begun = start % stride;
  let next = start;
  if (begun > 0) {
    next = Math.min(end, start - begun + stride);
    parts.push(rangeText(cut, axis + 1, begun, begun + next - start, at));
  }
  const whole = Math.floor((end - next) / stride);
  if (whole > 0) {
    parts.push(stringify(lists(cut, axis, whole, at + next - start)).slice(1, -1));
    next += whole * stride;
  }
  if (next < end) parts.push(rangeText(cut, axis + 1, 0, end - next, at + next - start));
  const before = start === 0 ? '[' : begun === 0 ? ',' : '';
  return `${before}${parts.join(',')}${end === length * stride ? ']' : ''}`;
}

/** `length` neighbours of an axis as nested lists, from the cell `at` on. */
function lists(cut: Cut, axis: number, length: number, at: number): unknown[] {
  if (axis === cut.shape.length - 1) return cut.cells.slice(at, at + length);
  const stride = cut.strides[axis];
  const inner = cut.shape[axis + 1];
  const list = new Array<unknown[]>(length);
  for (let index = 0; index < length; index++) list[index] = lists(cut, axis + 1, inner, at + index * stride);
  return list;
}

/** Elements from one index of an axis to the next. */
function stridesOf(shape: readonly number[]): number[] {
  const empty = shape.indexOf(0);
  const count = shape.slice(0, Math.max(empty, 0)).reduce((product, length) => product * length, 1);
  if (count > mostEmptyLists) {
    const detail = `The shape ${showShape(shape)} would be ${count} empty lists; ask for npy.`;
    throw new Problem('not_computable', detail);
  }
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

function writtenCells(values: ArrayLike<number>, count: number, dtype: FloatDtype): WrittenCell[] {
  const cells = new Array<WrittenCell>(count);
  for (let at = 0; at < count; at++) {
    const value = dtype === 'float64' ? values[at] : shortestFloat32(values[at]);
    cells[at] = Object.is(value, -0) ? '-0' : jsonCell(value);
  }
  return cells;
}

/** A number as strict JSON has it: NaN is null, the infinities are their names. */
export function jsonCell(value: number): Cell {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return null;
  return value > 0 ? 'Infinity' : '-Infinity';
}

function stringify(cells: WrittenCell | unknown[]): string {
  return JSON.stringify(cells).replaceAll('"-0"', '-0');
}
