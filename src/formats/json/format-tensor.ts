import { Problem } from '#errors.ts';
import { maxEmptyLists, formatShape } from '#tensor/shape.ts';
import { type NumberRange, writeNumberLists } from './write-number-lists.ts';

/** A number in strict JSON. */
type Cell = number | null | 'Infinity' | '-Infinity';

/**
 * The text of the flat range from `offset` on of a tensor written as nested lists. The texts of ranges that follow each other
 * and cover the tensor make, joined by nothing, the text of the whole.
 *
 * NaN is null and the infinities are strings; -0 keeps its sign.
 * @param numbers the elements of the range
 * @param shape the shape of the whole tensor, with elements
 */
export function nestedText(numbers: NumberRange, shape: readonly number[], offset: number): Uint8Array<ArrayBuffer> {
  return writeNumberLists(numbers, offset, { style: 'json', lengths: shape });
}

/** The text of the same range without brackets, as the `data` of a flat tensor has it. */
export function flatText(numbers: NumberRange, offset: number): Uint8Array<ArrayBuffer> {
  return writeNumberLists(numbers, offset, { style: 'json', lengths: [Infinity], isBare: true });
}

/**
 * A tensor without elements written as nested lists.
 * @throws Problem not_computable for a shape that would be over a million empty lists
 */
export function emptyListsText(shape: readonly number[]): string {
  return JSON.stringify(nestedList([], shape));
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

/** Cells of a flat range that starts at 0, and the shape they are cut into. */
interface Cut {
  cells: readonly Cell[];
  shape: readonly number[];
  strides: readonly number[];
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
  if (count > maxEmptyLists) {
    const detail = `The shape ${formatShape(shape)} would be ${count} empty lists in JSON; ask for npy.`;
    throw new Problem('not_computable', detail);
  }
  const strides = new Array<number>(shape.length).fill(1);
  for (let axis = shape.length - 2; axis >= 0; axis--) strides[axis] = strides[axis + 1] * shape[axis + 1];
  return strides;
}

/** A number as strict JSON has it: NaN is null, the infinities are their names. */
export function jsonCell(value: number): Cell {
  if (Number.isFinite(value)) return value;
  if (Number.isNaN(value)) return null;
  return value > 0 ? 'Infinity' : '-Infinity';
}
