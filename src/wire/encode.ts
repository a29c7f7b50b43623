import { Problem } from '#errors.ts';
import { type FloatDtype, itemSize } from '#tensor/dtype.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { unravel } from '#tensor/unravel.ts';
import { columnarBatch } from './arrow/columnar-batch.ts';
import { columnsOf } from './columns.ts';
import { csvBytes } from './csv/text.ts';
import { flatText, nestedText } from './json-text.ts';

/** What becomes of an output block on its way to the client. */
export interface Encoding {
  /**
   * Nobody wants it, its bytes, its text in JSON or CSV, or a record batch of Arrow's columns; `finite` is `flat` where an
   * infinity is an error.
   */
  as: 'none' | 'bytes' | 'nested' | 'flat' | 'finite' | 'csv' | 'columns';
  /** Whether the raw output is needed once more. */
  keepRaw: boolean;
}

export type Floats = Float16Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/**
 * Encodes the flat range `[offset, offset + count)` of a tensor; the pieces of all ranges in order are the whole.
 * @returns JSON as text, all else as bytes
 */
export function encodeBlock(
  bytes: Uint8Array<ArrayBuffer>,
  { dtype, shape }: TensorHeader & { dtype: FloatDtype },
  offset: number,
  count: number,
  encoding: Encoding,
): Uint8Array<ArrayBuffer> | string | undefined {
  if (encoding.as === 'none') return undefined;
  // Not slice(), which fills the new memory with zeros first.
  if (encoding.as === 'bytes') return new Uint8Array(bytes);
  const values = floats(bytes, dtype);
  if (encoding.as === 'columns') return columnarBatch(values, dtype, columnsOf(shape));
  if (encoding.as === 'csv') return csvBytes(values, offset, columnsOf(shape), dtype);
  const text =
    encoding.as === 'nested' ? nestedText(values, count, shape, offset, dtype) : flatText(values, count, offset, dtype);
  if (encoding.as === 'finite' && text.includes('Infinity')) throw infinite(values, shape, offset);
  return text;
}

function infinite(values: Floats, shape: readonly number[], offset: number): Problem {
  const at = values.findIndex((value) => Math.abs(value) === Infinity);
  const index = unravel(offset + at, shape).join(', ');
  return new Problem(
    'not_finite',
    `The output at [${index}] is ${values[at]}, and JSON has no infinity: ask for binary output.`,
  );
}

function floats(bytes: Uint8Array<ArrayBuffer>, dtype: FloatDtype): Floats {
  const Floats = { float16: Float16Array, float32: Float32Array, float64: Float64Array }[dtype];
  return new Floats(bytes.buffer, bytes.byteOffset, bytes.byteLength / itemSize(dtype));
}
