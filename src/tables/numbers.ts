import { Problem } from '#errors.ts';
import { type ArrayDtype, isFloat } from '#tensor/dtype.ts';
import { fromFortran } from '#tensor/from-fortran.ts';
import { type CarriedColumn, type CarriedType, countMissing, isMissing } from '#tensor/carried.ts';
import { decimalNumbers } from './decimals.ts';
import { numericDtype } from './field.ts';
import { arrayTypes } from '#tensor/dtype.ts';
import { type TypedArray, viewAs } from './typed-arrays.ts';

/** A column of numbers in Arrow's layout, and what it is called in an error. */
export interface NumericColumn {
  name: string;
  column: CarriedColumn;
}

/**
 * Numeric columns as row-major elements of one dtype, [rows, columns]. What is missing is NaN.
 * @throws Problem not_exact for an integer that the dtype cannot hold; invalid_data for a missing one in an integer dtype
 */
export function toRowMajor(columns: readonly NumericColumn[], dtype: ArrayDtype, rows: number): ArrayBuffer {
  const all = new arrayTypes[dtype](rows * columns.length);
  columns.forEach((column, at) => {
    const target = all.subarray(at * rows, (at + 1) * rows);
    setValues(target, column);
    markMissing(target, column, isFloat(dtype));
  });
  return columns.length === 1 ? all.buffer : fromFortran({ dtype, shape: [rows, columns.length] }, all.buffer);
}

function setValues(target: TypedArray, { name, column }: NumericColumn): void {
  const values = valuesOf(name, column);
  const isWide = values instanceof BigInt64Array || values instanceof BigUint64Array;
  if (target instanceof BigInt64Array || target instanceof BigUint64Array) {
    if (isWide) target.set(values);
    else for (let row = 0; row < target.length; row++) target[row] = BigInt(values[row]);
  } else if (isWide) {
    for (let row = 0; row < target.length; row++) target[row] = exactNumber(values[row], name, column, row);
  } else {
    target.set(values);
  }
}

function exactNumber(integer: bigint, name: string, column: CarriedColumn, row: number): number {
  const value = Number(integer);
  if (!Number.isSafeInteger(value) && BigInt(value) !== integer && !isMissing(column, row)) {
    throw new Problem(
      'not_exact',
      `Column ${JSON.stringify(name)} holds the integer ${integer}, which a double cannot hold exactly.`,
    );
  }
  return value;
}

function markMissing(target: TypedArray, { name, column }: NumericColumn, isFloatTarget: boolean): void {
  if (!column.validity || countMissing(column) === 0) return;
  if (!isFloatTarget || target instanceof BigInt64Array || target instanceof BigUint64Array) {
    throw new Problem('invalid_data', `Column ${JSON.stringify(name)} says that no value is missing, and one is.`);
  }
  for (let row = 0; row < target.length; row++) if (isMissing(column, row)) target[row] = NaN;
}

function valuesOf(name: string, { type, length, data, validity, dictionary }: CarriedColumn): TypedArray {
  if (type.kind === 'bool') return readBits(data, length);
  if (type.kind === 'decimal') return decimalNumbers(name, type, length, data, validity);
  if (type.kind === 'dictionary' && dictionary) {
    const known = new Float64Array(toRowMajor([{ name, column: dictionary }], 'float64', dictionary.length));
    const indexes = readIndexes(type, data, length);
    return Float64Array.from(indexes, (index) => known[index] ?? NaN);
  }
  const dtype = numericDtype({ type });
  if (!dtype) throw new TypeError(`A column of ${type.kind} has no numbers.`);
  return viewAs(dtype, data, length);
}

/** The indexes of a dictionary column. What is missing may have any. */
export function readIndexes(
  { index }: CarriedType & { kind: 'dictionary' },
  data: Uint8Array,
  length: number,
): ArrayLike<number> {
  const values = viewAs(`${index.signed ? '' : 'u'}int${index.bits}`, data, length);
  if (values instanceof BigInt64Array || values instanceof BigUint64Array) return Float64Array.from(values, Number);
  return values;
}

/** Booleans are bits, the least significant first. */
function readBits(bits: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const values = new Uint8Array(length);
  for (let row = 0; row < length; row++) values[row] = (bits[row >> 3] >> (row & 7)) & 1;
  return values;
}
