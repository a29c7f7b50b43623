import { Problem, problemAt } from '#errors.ts';
import { type Dtype, dtypes, itemSize } from '#tensor/dtype.ts';
import { free } from '#memory/free.ts';
import { elementCount, maxRank, formatShape } from '#tensor/shape.ts';
import type { Tensor, TensorHeader } from '#tensor/tensor.ts';
import { unravel } from '#tensor/unravel.ts';
import { isObject } from './is-object.ts';
import { convertNumbers, isNumber, notANumberProblem, type PlaceOf, quote, readNumbers } from './parse-numbers.ts';

/** The three ways JSON can hold a tensor. */
export type JsonForm = 'nested' | 'flat' | 'base64';

/**
 * Reads a tensor out of parsed JSON: nested lists (float64), `{dtype, shape, data}` with the elements row-major, or
 * `{dtype, shape, base64}` with their little-endian bytes. Stops at the first fault.
 *
 * `null` and `"NaN"` are NaN, `"Infinity"` and `"-Infinity"` the infinities. A bool is true, false, 1 or 0.
 * @param value what JSON.parse gave
 * @param pointer where the value stands in the body, as a JSON pointer
 * @param unrounded whether numbers are what the text said, and those that a double cannot hold are bigints
 * @throws Problem with the pointer of the faulty cell or member: invalid_request for members that are wrong,
 *   invalid_data for a cell that is no number of the dtype, not_exact for an (u)int64 that JSON.parse may have rounded,
 *   ragged_rows, rank_too_high
 */
export function decodeJsonTensor(
  value: unknown,
  pointer: string,
  unrounded = false,
): { tensor: Tensor; form: JsonForm } {
  if (value === undefined) throw problemAt('invalid_request', pointer, 'The tensor is missing.');
  if (!isObject(value)) return { tensor: decodeNested(value, pointer), form: 'nested' };
  const { dtype, shape, data, base64 } = checkMembers(value, pointer);
  if (base64 !== undefined) return { tensor: decodeBase64(dtype, shape, base64, `${pointer}/base64`), form: 'base64' };
  return { tensor: decodeElements({ dtype, shape }, data, `${pointer}/data`, unrounded).tensor, form: 'flat' };
}

/**
 * Reads the elements of a tensor whose dtype and shape are known, out of one flat list or out of nested lists of just that
 * shape; row-major.
 * @param pointer where the list stands in the body, as a JSON pointer
 * @throws Problem as `decodeJsonTensor`
 */
export function decodeElements(
  { dtype, shape }: TensorHeader,
  data: readonly unknown[],
  pointer: string,
  unrounded = false,
): { tensor: Tensor; form: 'nested' | 'flat' } {
  const form = shape.length > 1 && Array.isArray(data[0]) ? 'nested' : 'flat';
  const found = form === 'nested' ? innermostLists(data, shape, 'the shape says', pointer).flat() : data;
  const placeOf = (index: number) => (form === 'nested' ? placeIn(shape, index, pointer) : `${pointer}/${index}`);
  return { tensor: { dtype, shape, buffer: elementsOf({ dtype, shape }, found, pointer, placeOf, unrounded) }, form };
}

/**
 * The same of lists that have been read already, as float64.
 * @returns undefined where they have another shape
 * @throws Problem for a number that is none of the dtype
 */
export function tensorOfLists(
  { dtype, shape }: TensorHeader,
  lists: Tensor,
  pointer: string,
): { tensor: Tensor; form: 'nested' | 'flat' } | undefined {
  const form = shape.length > 1 && lists.shape.length > 1 ? 'nested' : 'flat';
  const expected = form === 'nested' ? shape : [elementCount(shape)];
  if (formatShape(lists.shape) !== formatShape(expected)) return undefined;
  const buffer = convertNumbers(new Float64Array(lists.buffer), dtype, () => pointer, false);
  if (buffer !== lists.buffer) free(lists.buffer);
  return { tensor: { dtype, shape, buffer }, form };
}

/** `{dtype, shape, data}` whose data have been read already, as above. */
export function flatTensorOfLists(
  value: object,
  lists: Tensor,
  pointer: string,
): { tensor: Tensor; form: 'flat' } | undefined {
  const found = tensorOfLists(checkMembers({ ...value, data: [] }, pointer), lists, pointer);
  return found && { tensor: found.tensor, form: 'flat' };
}

function decodeNested(value: unknown, pointer: string): Tensor {
  const shape: number[] = [];
  // Not list[0]: V8 would make the kind of lists that the outer ones are of the innermost one, each number an object of its own.
  for (let list = value; Array.isArray(list); list = list.at(0)) {
    if (shape.length === maxRank) {
      throw problemAt('rank_too_high', pointer, `The lists are nested more than ${maxRank} levels deep.`);
    }
    shape.push(list.length);
  }
  const rows = shape.length === 0 ? [[value]] : innermostLists(value, shape, 'the first one', pointer);
  const length = shape.at(-1) ?? 1;
  const values = new Float64Array(rows.length * length);
  for (let row = 0; row < rows.length; row++) {
    const bad = readNumbers(rows[row], values, row * length);
    if (bad !== -1) throw noCell(rows[row][bad], placeIn(shape, row * length + bad, pointer));
  }
  return { dtype: 'float64', shape, buffer: values.buffer };
}

/**
 * The lists of the last axis, in order. They are all checked before anything is allocated: the shape is only what the
 * first lists say, and a short body can say `[100000, 100000]`.
 * @param standard what says the lengths, for a message
 */
function innermostLists(value: unknown, shape: readonly number[], standard: string, pointer: string): unknown[][] {
  let lists = [value];
  for (let axis = 0; ; axis++) {
    const bad = lists.findIndex((list) => !Array.isArray(list) || list.length !== shape[axis]);
    if (bad !== -1) throw noRow(lists[bad], shape[axis], standard, placeIn(shape.slice(0, axis), bad, pointer));
    if (axis === shape.length - 1) return lists as unknown[][];
    lists = lists.length === 1 ? (lists[0] as unknown[]) : lists.flat();
  }
}

/** What is wrong with something that stands where a row of the given length is expected. */
function noRow(found: unknown, length: number, standard: string, pointer: string): Problem {
  if (Array.isArray(found)) {
    return problemAt('ragged_rows', pointer, `This row has length ${found.length}, ${standard} ${length}.`);
  }
  if (!isNumber(found)) return notANumberProblem(found, pointer);
  return problemAt('ragged_rows', pointer, `Expected a row of length ${length}, found a number.`);
}

/** What is wrong with something that stands where a number is expected. */
function noCell(found: unknown, pointer: string): Problem {
  if (!Array.isArray(found)) return notANumberProblem(found, pointer);
  return problemAt('ragged_rows', pointer, 'Expected a number, found a row.');
}

/** The JSON pointer of the element with a row-major index. */
function placeIn(shape: readonly number[], index: number, pointer: string): string {
  return [pointer, ...unravel(index, shape)].join('/');
}

interface Members {
  dtype?: unknown;
  shape?: unknown;
  data?: unknown;
  base64?: unknown;
}

const members = ['dtype', 'shape', 'data', 'base64'];

/** The members with their types; `data` counts where `base64` is undefined. */
interface Checked {
  dtype: Dtype;
  shape: number[];
  data: unknown[];
  base64: string | undefined;
}

function checkMembers(value: Members, pointer: string): Checked {
  const extra = Object.keys(value).find((name) => !members.includes(name));
  if (extra !== undefined) {
    const detail = `Unknown member ${quote(extra)}; a tensor has dtype, shape, and data or base64.`;
    throw problemAt('invalid_request', pointer, detail);
  }
  const { data = [], base64 } = value;
  if ((value.data === undefined) === (base64 === undefined)) {
    throw problemAt('invalid_request', pointer, 'A tensor needs dtype, shape, and either data or base64.');
  }
  if (!Array.isArray(data)) throw problemAt('invalid_request', `${pointer}/data`, `${quote(data)} is not a list.`);
  if (base64 !== undefined && typeof base64 !== 'string') {
    throw problemAt('invalid_request', `${pointer}/base64`, `${quote(base64)} is not a string.`);
  }
  const dtype = checkDtype(value.dtype, `${pointer}/dtype`);
  const shape = checkShape(value.shape, `${pointer}/shape`);
  return { dtype, shape, data, base64 };
}

function checkDtype(found: unknown, pointer: string): Dtype {
  const dtype = dtypes.find((name) => name === found);
  if (dtype !== undefined) return dtype;
  const fault = found === undefined ? 'The dtype is missing' : `${quote(found)} is not a supported dtype`;
  throw problemAt('invalid_request', pointer, `${fault}; supported: ${dtypes.join(', ')}.`);
}

function checkShape(shape: unknown, pointer: string): number[] {
  if (!Array.isArray(shape)) throw problemAt('invalid_request', pointer, 'The shape must be a list of lengths.');
  const bad = shape.findIndex((length) => !Number.isSafeInteger(length) || length < 0);
  if (bad !== -1)
    throw problemAt('invalid_request', `${pointer}/${bad}`, `${quote(shape[bad])} is not a valid length.`);
  try {
    elementCount(shape);
  } catch (error) {
    throw error instanceof Problem ? problemAt(error.code, pointer, error.message) : error;
  }
  return shape.map((length) => length + 0); // -0 becomes 0
}

function elementsOf(
  { dtype, shape }: TensorHeader,
  found: readonly unknown[],
  pointer: string,
  placeOf: PlaceOf,
  unrounded: boolean,
): ArrayBuffer {
  const count = elementCount(shape);
  if (found.length !== count) {
    const detail = `There are ${found.length} elements, but the shape ${formatShape(shape)} has ${count}.`;
    throw problemAt('invalid_data', pointer, detail);
  }
  const cells = dtype === 'bool' ? found.map((cell) => (typeof cell === 'boolean' ? Number(cell) : cell)) : found;
  const values = new Float64Array(count);
  const bad = readNumbers(cells, values, 0);
  if (bad !== -1) throw notANumberProblem(found[bad], placeOf(bad));
  return convertNumbers(values, dtype, placeOf, unrounded);
}

function decodeBase64(dtype: Dtype, shape: number[], text: string, pointer: string): Tensor {
  const length = elementCount(shape) * itemSize(dtype);
  const characters = 4 * Math.ceil(length / 3);
  const size = `${dtype} of shape ${formatShape(shape)} takes ${length} bytes, ${characters} characters of base64`;
  if (text.length !== characters) throw problemAt('invalid_data', pointer, `${size}; got ${text.length}.`);
  const bytes = new Uint8Array(length);
  if (!fillFromBase64(bytes, text)) {
    throw problemAt(
      'invalid_data',
      pointer,
      `${size} (RFC 4648, section 4, padded); these characters are not valid base64.`,
    );
  }
  return { dtype, shape, buffer: bytes.buffer };
}

/** Whether the text is base64 of just as many bytes. Blanks, which the platform skips, leave some bytes unfilled. */
function fillFromBase64(bytes: Uint8Array, text: string): boolean {
  try {
    const { read, written } = bytes.setFromBase64(text, { lastChunkHandling: 'strict' });
    return read === text.length && written === bytes.length;
  } catch {
    return false;
  }
}
