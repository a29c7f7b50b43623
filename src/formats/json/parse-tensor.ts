import { Problem, problemAt } from '#errors.ts';
import { listNames } from '#nearest-name.ts';
import { type Dtype, dtypes, itemSize } from '#tensor/dtype.ts';
import { free } from '#memory/free.ts';
import { elementCount, maxRank, formatShape } from '#tensor/shape.ts';
import type { Tensor, TensorHeader } from '#tensor/tensor.ts';
import { unravel } from '#tensor/unravel.ts';
import { isObject } from './is-object.ts';
import { convertNumbers, isNumber, notANumberProblem, type PlaceOf, quote, readNumbers } from './parse-numbers.ts';

/** The three JSON forms of a tensor. */
export type JsonForm = 'nested' | 'flat' | 'base64';

/**
 * Reads a tensor from parsed JSON: nested lists (float64), `{dtype, shape, data}` with row-major elements, or `{dtype,
 * shape, base64}` with little-endian bytes. Stops at the first fault.
 *
 * `null` and `"NaN"` are NaN, `"Infinity"` and `"-Infinity"` the infinities. A bool is true, false, 1 or 0.
 * @param value a value from JSON.parse
 * @param pointer JSON pointer of the value in the body
 * @param unrounded whether integers that a double cannot represent are bigints rather than rounded
 * @throws Problem with a pointer to the faulty cell or member: invalid_request for wrong members, invalid_data for a
 *   cell that is not a number of the dtype, not_exact for an (u)int64 that JSON.parse may have rounded, ragged_rows,
 *   rank_too_high
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
 * Reads the elements of a tensor of known dtype and shape from one flat row-major list, or from nested lists of exactly
 * that shape.
 * @param pointer JSON pointer of the list in the body
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
 * Like `decodeElements`, for lists that have already been read as float64.
 * @returns undefined if they have another shape
 * @throws Problem for a number that is not a value of the dtype
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

/** Reads `{dtype, shape, data}` whose data have already been read as float64. */
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
  // Not list[0]: V8 would then store the innermost list like the outer ones, each number as an object of its own.
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
 * The lists of the last axis, in order. All are checked before anything is allocated, because the shape comes from the
 * first lists alone, and a short body can claim `[100000, 100000]`.
 * @param standard where the expected lengths come from, for an error message
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

/** The problem with a value that should be a row of the given length. */
function noRow(found: unknown, length: number, standard: string, pointer: string): Problem {
  if (Array.isArray(found)) {
    return problemAt('ragged_rows', pointer, `This row has length ${found.length}, ${standard} ${length}.`);
  }
  if (!isNumber(found)) return notANumberProblem(found, pointer);
  return problemAt('ragged_rows', pointer, `Expected a row of length ${length}, found a number.`);
}

/** The problem with a value that should be a number. */
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

/** The checked members; `data` is used if `base64` is undefined. */
interface Checked {
  dtype: Dtype;
  shape: number[];
  data: unknown[];
  base64: string | undefined;
}

function checkMembers(value: Members, pointer: string): Checked {
  const extra = Object.keys(value).find((name) => !members.includes(name));
  if (extra !== undefined) {
    if (!members.some((name) => name in value)) throw problemAt('invalid_request', pointer, neitherForm(value));
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

/** pandas has more forms than the two that are read. */
function neitherForm(value: object): string {
  const names = listNames(Object.keys(value), 3);
  return `An object of ${names} is neither a tensor, which has dtype, shape, and data or base64, nor a table in one of two forms of pandas: orient="split" has columns and data, orient="records" is a list of objects.`;
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

/**
 * Whether the text is base64 of exactly that many bytes. Whitespace, which the platform skips, leaves bytes unfilled.
 */
function fillFromBase64(bytes: Uint8Array, text: string): boolean {
  try {
    const { read, written } = bytes.setFromBase64(text, { lastChunkHandling: 'strict' });
    return read === text.length && written === bytes.length;
  } catch {
    return false;
  }
}
