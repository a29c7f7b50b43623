import { arrayTypes } from '#tensor/dtype.ts';
import { Problem } from '#errors.ts';
import { type Dtype } from '#tensor/dtype.ts';
import { fromFortran } from '#tensor/from-fortran.ts';
import { valueBytes } from './decode-record-batch.ts';

/** Some rows of a record batch, column by column. */
export interface ColumnarRows {
  dtypes: readonly Dtype[];
  rows: number;
  buffer: ArrayBuffer;
}

const maxExactInteger = Number.MAX_SAFE_INTEGER;

/**
 * Converts columns to row-major elements of one dtype: their common dtype, or float64 if they differ.
 * @throws Problem not_exact for a 64-bit integer beside other dtypes that a double cannot hold
 */
export function toRows({ dtypes, rows, buffer }: ColumnarRows, dtype: Dtype): ArrayBuffer {
  const shape = [rows, dtypes.length];
  if (dtype !== 'bool' && dtypes.every((one) => one === dtype)) return fromFortran({ dtype, shape }, buffer);
  const columns = dtype === 'bool' ? new Uint8Array(rows * dtypes.length) : new Float64Array(rows * dtypes.length);
  let offset = 0;
  dtypes.forEach((one, column) => {
    const bytes = valueBytes(one, rows);
    columns.set(valuesOf(one, rows, buffer.slice(offset, offset + bytes), column), column * rows);
    offset += bytes;
  });
  return fromFortran({ dtype, shape }, columns.buffer);
}

function valuesOf(dtype: Dtype, rows: number, bytes: ArrayBuffer, column: number): ArrayLike<number> {
  if (dtype === 'bool') return bitsOf(new Uint8Array(bytes), rows);
  if (dtype === 'int64' || dtype === 'uint64') return integersOf(dtype, bytes, column);
  return new arrayTypes[dtype](bytes);
}

/** Unpacks booleans from bits, least significant bit first. */
function bitsOf(bytes: Uint8Array, rows: number): Uint8Array {
  const bits = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) bits[row] = (bytes[row >> 3] >> (row & 7)) & 1;
  return bits;
}

function integersOf(dtype: 'int64' | 'uint64', bytes: ArrayBuffer, column: number): Float64Array {
  const integers = dtype === 'int64' ? new BigInt64Array(bytes) : new BigUint64Array(bytes);
  const values = new Float64Array(integers.length);
  for (let row = 0; row < values.length; row++) {
    values[row] = Number(integers[row]);
    if (Math.abs(values[row]) > maxExactInteger && BigInt(values[row]) !== integers[row]) {
      const detail = `The integer ${integers[row]} in column ${column} cannot be represented exactly as a double.`;
      throw new Problem('not_exact', detail);
    }
  }
  return values;
}
