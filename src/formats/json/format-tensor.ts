import { Problem } from '#errors.ts';
import { maxEmptyLists, formatShape } from '#tensor/shape.ts';
import { type NumberRange, writeNumberLists } from './write-number-lists.ts';

/** A number in strict JSON. */
type Cell = number | null | 'Infinity' | '-Infinity';

/**
 * Formats the flat range from `offset` on as part of a tensor's nested lists. The texts of consecutive ranges
 * concatenate to the text of the whole tensor.
 *
 * NaN is null and the infinities are strings; -0 keeps its sign.
 * @param numbers the elements of the range
 * @param shape the shape of the whole tensor, with elements
 */
export function nestedText(numbers: NumberRange, shape: readonly number[], offset: number): Uint8Array<ArrayBuffer> {
  return writeNumberLists(numbers, offset, { style: 'json', lengths: shape });
}

/** Formats a range without brackets, as part of the `data` of a flat tensor. */
export function flatText(numbers: NumberRange, offset: number): Uint8Array<ArrayBuffer> {
  return writeNumberLists(numbers, offset, { style: 'json', lengths: [Infinity], isBare: true });
}

/**
 * Formats a tensor without elements as nested lists.
 * @throws Problem not_computable for a shape that would be over a million empty lists
 */
export function emptyListsText(shape: readonly number[]): string {
  return JSON.stringify(nestedList([], shape));
}

/**
 * Returns a function that encodes the bytes of a tensor as base64, piece by piece and in order. Up to two bytes that do
 * not fill a group of three wait for the next call, so the last call must say that it is.
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
 * Nested lists for JSON.stringify, for small tensors such as parameters.
 * @throws Problem not_computable for a shape without elements that would be over a million empty lists
 */
export function nestedList(values: ArrayLike<number>, shape: readonly number[]): unknown {
  if (shape.length === 0) return jsonCell(values[0]);
  const cells = new Array<Cell>(values.length);
  for (let at = 0; at < values.length; at++) cells[at] = jsonCell(values[at]);
  return lists({ cells, shape, strides: stridesOf(shape) }, 0, shape[0], 0);
}

/** Cells and their shape. */
interface Cut {
  cells: readonly Cell[];
  shape: readonly number[];
  strides: readonly number[];
}

/** `length` entries along an axis as nested lists, from the cell `at` on. */
function lists(cut: Cut, axis: number, length: number, at: number): unknown[] {
  if (axis === cut.shape.length - 1) return cut.cells.slice(at, at + length);
  const stride = cut.strides[axis];
  const inner = cut.shape[axis + 1];
  const list = new Array<unknown[]>(length);
  for (let index = 0; index < length; index++) list[index] = lists(cut, axis + 1, inner, at + index * stride);
  return list;
}

/** Strides in elements. */
function stridesOf(shape: readonly number[]): number[] {
  const empty = shape.indexOf(0);
  const count = shape.slice(0, Math.max(empty, 0)).reduce((product, length) => product * length, 1);
  if (count > maxEmptyLists) {
    const detail = `The shape ${formatShape(shape)} would be ${count} empty lists in JSON; ask for npy.`;
    throw new Problem('not_computable', detail);
  }
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** A number in strict JSON: NaN is null, the infinities are strings. */
export function jsonCell(value: number): Cell {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return null;
  return value > 0 ? 'Infinity' : '-Infinity';
}
