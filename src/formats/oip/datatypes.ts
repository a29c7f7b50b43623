import { type Dtype, type FloatDtype, isFloat, itemSize } from '#tensor/dtype.ts';

/**
 * The numeric datatypes of the Open Inference Protocol, and the dtypes they are read as. BF16, which NumPy lacks, is
 * widened to float32.
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

/** The datatypes that are sent only as bytes, not as JSON: 16-bit floats, as in other servers of the protocol. */
export const binaryOnly: readonly Datatype[] = ['FP16', 'BF16'];

const names = Object.fromEntries(
  Object.entries(datatypes)
    .filter(([name]) => name !== 'BF16')
    .map(([name, dtype]) => [dtype, name]),
) as Record<Dtype, Datatype>;

/** The protocol's name of a dtype. */
export function datatypeOf(dtype: Dtype): Datatype {
  return names[dtype];
}

/** The datatype of an output where nobody asks for one: floats keep theirs, integers become what models are fed with. */
export function defaultInferenceOutput(dtype: Dtype): FloatDtype {
  return isFloat(dtype) ? dtype : 'float32';
}

/** Bytes of one element on the wire. */
export function datatypeSize(datatype: Datatype): number {
  return datatype === 'BF16' ? 2 : itemSize(datatypes[datatype]);
}

/** Widens little-endian bfloat16 elements to float32: bfloat16 is the upper half of a float32. */
export function widenBfloat16(elements: ArrayBuffer): ArrayBuffer {
  const halves = new Uint16Array(elements);
  const words = new Uint32Array(halves.length);
  for (let at = 0; at < halves.length; at++) words[at] = halves[at] << 16;
  return words.buffer;
}
