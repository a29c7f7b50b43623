import { type Problem, problemAt, excerpt } from '#errors.ts';
import { narrowToBfloat16 } from '#tensor/bfloat16.ts';
import { arrayTypes, type Dtype, isFloat } from '#tensor/dtype.ts';

/** The JSON pointer of the cell with a row-major index. */
export type PlaceOf = (index: number) => string;

/** How JSON represents NaN and the infinities. */
const notFinite = new Map<unknown, number>([
  [null, NaN],
  ['NaN', NaN],
  ['Infinity', Infinity],
  ['-Infinity', -Infinity],
]);

const names = [...notFinite.keys()];

/** The smallest magnitude that rounds to infinity. */
const floatLimits = { float16: 65520, bfloat16: 2 ** 128 - 2 ** 119, float32: 2 ** 128 - 2 ** 103, float64: Infinity };

const integerRanges = {
  bool: [0, 1],
  uint8: [0, 255],
  int8: [-128, 127],
  uint16: [0, 65535],
  int16: [-32768, 32767],
  uint32: [0, 2 ** 32 - 1],
  int32: [-(2 ** 31), 2 ** 31 - 1],
  uint64: [0, 2 ** 64],
  int64: [-(2 ** 63), 2 ** 63],
} as const;

/** Whether a JSON value is read as a number: `null`, `"NaN"` and the infinities' names are. */
export function isNumber(cell: unknown): boolean {
  return typeof cell === 'number' || notFinite.has(cell);
}

/**
 * Copies the numbers of a list into `values`, from `offset` on.
 *
 * To V8, a list with anything but numbers is of another kind, and code that has seen one copies every list ten times
 * slower from then on. So lists with strings or null go through separate code. Searching a list of numbers for a string
 * costs nothing, because V8 knows that there is none.
 * @returns the index of the first cell that is not a number, or -1
 */
export function readNumbers(cells: readonly unknown[], values: Float64Array, offset: number): number {
  if (names.some((name) => cells.includes(name))) return readCells(cells, values, offset, 0);
  for (let at = 0; at < cells.length; at++) {
    const cell = cells[at];
    if (typeof cell !== 'number' || cell - cell !== 0) return readCells(cells, values, offset, at);
    values[offset + at] = cell;
  }
  return -1;
}

function readCells(cells: readonly unknown[], values: Float64Array, offset: number, from: number): number {
  for (let at = from; at < cells.length; at++) {
    const cell = cells[at];
    const number = typeof cell === 'number' && cell - cell === 0 ? cell : notFinite.get(cell);
    if (number === undefined) return at;
    values[offset + at] = number;
  }
  return -1;
}

/** The problem with the cell at which `readNumbers` stopped. */
export function notANumberProblem(cell: unknown, pointer: string): Problem {
  if (typeof cell === 'bigint')
    return problemAt('not_exact', pointer, `${quote(cell)} cannot be represented exactly as a double.`);
  if (typeof cell === 'number') return problemAt('invalid_data', pointer, 'The number is too large for a double.');
  const detail = `${quote(cell)} is not a number; null, "NaN", "Infinity" and "-Infinity" are accepted as well.`;
  return problemAt('invalid_data', pointer, detail);
}

/**
 * Converts doubles to a dtype. Each must be a value of the dtype or, for floats, round to one.
 * @param unrounded whether the doubles are what the text said, also beyond 2^53
 * @throws Problem invalid_data; not_exact for an (u)int64 that JSON.parse may have rounded
 */
export function convertNumbers(
  values: Float64Array<ArrayBuffer>,
  dtype: Dtype,
  placeOf: PlaceOf,
  unrounded: boolean,
): ArrayBuffer {
  if (dtype === 'float64') return values.buffer;
  if (isFloat(dtype)) {
    const bad = firstOverflow(values, floatLimits[dtype]);
    if (bad !== -1) throw problemAt('invalid_data', placeOf(bad), `${values[bad]} is out of range for ${dtype}.`);
  } else {
    const [least, greatest] = integerRanges[dtype];
    const bad = firstNonInteger(values, least, greatest);
    if (bad !== -1) {
      const right = dtype === 'bool' ? 'true, false, 0 or 1' : `an integer in the range of ${dtype}`;
      throw problemAt('invalid_data', placeOf(bad), `${values[bad]} is not ${right}.`);
    }
  }
  if (dtype === 'bfloat16') return narrowToBfloat16(values).halves.buffer;
  if (dtype === 'uint64' || dtype === 'int64') return splitIntegers(values, dtype, placeOf, unrounded);
  return new arrayTypes[dtype](values).buffer;
}

/** The index of the first finite number that a float type with this limit rounds to infinity, or -1. */
function firstOverflow(values: Float64Array, limit: number): number {
  for (let at = 0; at < values.length; at++) {
    if (Math.abs(values[at]) >= limit && Number.isFinite(values[at])) return at;
  }
  return -1;
}

/** The index of the first number that is not an integer in the range, or -1. */
function firstNonInteger(values: Float64Array, least: number, greatest: number): number {
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    if (!(value >= least && value <= greatest && Math.trunc(value) === value)) return at;
  }
  return -1;
}

/** Writes 64-bit integers as two halves, in a tenth of the time that BigInt takes. */
function splitIntegers(
  values: Float64Array,
  dtype: 'uint64' | 'int64',
  placeOf: PlaceOf,
  unrounded: boolean,
): ArrayBuffer {
  const bad = unrounded
    ? values.indexOf(integerRanges[dtype][1])
    : firstNonInteger(values, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER);
  if (bad !== -1) {
    const detail = `JSON numbers are exact only below 2^53, but this is about ${values[bad]}; send ${dtype} as base64 or npy.`;
    throw problemAt('not_exact', placeOf(bad), detail);
  }
  const halves = new Uint32Array(2 * values.length);
  for (let at = 0; at < values.length; at++) {
    halves[2 * at] = values[at]; // stored modulo 2^32, as the other half is: two's complement
    halves[2 * at + 1] = Math.floor(values[at] / 2 ** 32);
  }
  return halves.buffer;
}

/** A value for an error message, at most 40 characters of it. */
export function quote(value: unknown): string {
  if (Array.isArray(value)) return 'A list';
  if (typeof value === 'object' && value !== null) return 'An object';
  return typeof value === 'string' ? JSON.stringify(excerpt(value, 40)) : String(value);
}
