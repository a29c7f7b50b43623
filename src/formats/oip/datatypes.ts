import { type Dtype, itemSize } from '#tensor/dtype.ts';

/**
 * The datatypes of the Open Inference Protocol, as this service takes them. BF16, which NumPy lacks, is widened to float32;
 * BYTES is no number.
 *
 * https://github.com/kserve/open-inference-protocol/blob/main/specification/protocol/inference_rest.md#tensor-data-types
 */
export const datatypes = {
  BOOL: 'bool',
  UINT8: 'uint8',
  UINT16: 'uint16',
  UINT32: 'uint32',
  UINT64: 'uint64',
  INT8: 'int8',
  INT16: 'int16',
  INT32: 'int32',
  INT64: 'int64',
  FP16: 'float16',
  BF16: 'float32',
  FP32: 'float32',
  FP64: 'float64',
} as const satisfies Record<string, Dtype>;

export type Datatype = keyof typeof datatypes;

/** The datatypes that JSON has no numbers for: 16-bit floats come and go as bytes alone, as with the protocol's other servers. */
export const binaryOnly: readonly Datatype[] = ['FP16', 'BF16'];

const names = Object.fromEntries(
  Object.entries(datatypes)
    .filter(([name]) => name !== 'BF16')
    .map(([name, dtype]) => [dtype, name]),
) as Record<Dtype, Datatype>;

/** What the protocol calls a dtype. */
export function datatypeOf(dtype: Dtype): Datatype {
  return names[dtype];
}

/** Bytes of one element on the wire. */
export function datatypeSize(datatype: Datatype): number {
  return datatype === 'BF16' ? 2 : itemSize(datatypes[datatype]);
}

/** bfloat16 is the upper half of a float32: little-endian elements of the one as those of the other. */
export function widenBfloat16(elements: ArrayBuffer): ArrayBuffer {
  const halves = new Uint16Array(elements);
  const words = new Uint32Array(halves.length);
  for (let at = 0; at < halves.length; at++) words[at] = halves[at] << 16;
  return words.buffer;
}
