import { isUtf8 } from 'node:buffer';
import { problemAt } from '#errors.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import { widenBfloat16 } from '#tensor/bfloat16.ts';
import type { ArrayDtype } from '#tensor/dtype.ts';
import { formatShape } from '#tensor/shape.ts';
import type { Tensor } from '#tensor/tensor.ts';
import { type Datatype, datatypes, textDatatype } from '../datatypes.ts';
import type { InferenceBody } from '../request.ts';

/** A column of a table, as an input of the protocol has it. */
export interface InputColumn {
  name: string;
  datatype: Datatype | typeof textDatatype;
  /** Whether its shape is [n, 1], and not [n]. */
  isDeep: boolean;
  /** What MLServer's codecs say of it. */
  contentType?: string;
  /** bfloat16 is widened to float32. */
  column: CarriedColumn;
}

/**
 * An input as a column, without its values.
 * @throws Problem shape_mismatch where its shape is neither [n] nor [n, 1]
 */
export function describeColumn(
  { name, datatype, shape, parameters }: InferenceBody['inputs'][number],
  pointer: string,
): Omit<InputColumn, 'column'> & { rows: number } {
  if (shape.length === 0 || shape.length > 2 || (shape.length === 2 && shape[1] !== 1)) {
    const detail = `The input ${JSON.stringify(name)} has shape ${formatShape(shape)}; a column has shape [n] or [n, 1].`;
    throw problemAt('shape_mismatch', `${pointer}/shape`, detail);
  }
  const { content_type: contentType } = parameters ?? {};
  return {
    name,
    datatype,
    isDeep: shape.length === 2,
    rows: shape[0],
    contentType: typeof contentType === 'string' ? contentType : undefined,
  };
}

/** A tensor as a column. */
export function columnOfTensor({ dtype, shape, buffer }: Tensor): CarriedColumn {
  const [length] = shape;
  if (dtype === 'bool') return { type: { kind: 'bool' }, length, data: packBits(new Uint8Array(buffer)) };
  if (dtype === 'bfloat16') {
    const data = new Uint8Array(widenBfloat16(new Uint16Array(buffer)).buffer);
    return { type: { kind: 'float', bits: 32 }, length, data };
  }
  return { type: numberType(dtype), length, data: new Uint8Array(buffer) };
}

function numberType(dtype: Exclude<ArrayDtype, 'bool'>): CarriedColumn['type'] {
  const [, kind, bits] = /^(\D+)(\d+)$/.exec(dtype) ?? [];
  const width = Number(bits);
  if (kind === 'float') return { kind: 'float', bits: width as 16 | 32 | 64 };
  return { kind: 'int', bits: width as 8 | 16 | 32 | 64, signed: kind === 'int' };
}

function packBits(values: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(values.length / 8));
  values.forEach((value, row) => {
    if (value !== 0) bits[row >> 3] |= 1 << (row & 7);
  });
  return bits;
}

/**
 * Elements of BYTES as they follow the JSON: each has its length before it, in four bytes.
 *
 * Format: https://github.com/triton-inference-server/server/blob/main/docs/protocol/extension_binary_data.md
 * @throws Problem broken_body
 */
export function columnOfBytes(bytes: Uint8Array, length: number, pointer: string): CarriedColumn {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const offsets = new Int32Array(length + 1);
  const data = new Uint8Array(Math.max(bytes.length - 4 * length, 0));
  let at = 0;
  for (let row = 0; row < length; row++) {
    const size = at + 4 <= bytes.length ? view.getUint32(at, true) : bytes.length;
    if (at + 4 + size > bytes.length) throw wrongCount(length, row, pointer);
    data.set(bytes.subarray(at + 4, at + 4 + size), offsets[row]);
    offsets[row + 1] = offsets[row] + size;
    at += 4 + size;
  }
  if (at < bytes.length) throw wrongCount(length, `more than ${length}`, pointer);
  // What is no text goes out as the bytes that it is.
  return { type: { kind: isUtf8(data) ? 'utf8' : 'binary' }, length, offsets, data };
}

function wrongCount(length: number, found: number | string, pointer: string) {
  const detail = `BYTES of ${length} rows are ${length} elements, each with its length in four bytes before it; here are ${found}.`;
  return problemAt('broken_body', `${pointer}/parameters/binary_data_size`, detail);
}

/** The dtype of the numbers of a column; undefined where it has none. */
export function dtypeOfColumn({ datatype }: InputColumn) {
  return datatype === textDatatype ? undefined : datatypes[datatype];
}
