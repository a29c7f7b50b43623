import { type Dtype, type FloatDtype, isFloat, itemSize } from '#tensor/dtype.ts';

/**
 * The numeric datatypes of the Open Inference Protocol, and their dtypes.
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
  BF16: 'bfloat16',
  FP32: 'float32',
  FP64: 'float64',
} as const satisfies Record<string, Dtype>;

export type Datatype = keyof typeof datatypes;

/** The datatype of text and of other elements of any length. */
export const textDatatype = 'BYTES';

/** The datatypes that are sent only as bytes, not as JSON: 16-bit floats, as in other servers of the protocol. */
export const binaryOnly: readonly Datatype[] = ['FP16', 'BF16'];

const names = Object.fromEntries(Object.entries(datatypes).map(([name, dtype]) => [dtype, name])) as Record<
  Dtype,
  Datatype
>;

/** The protocol's name of a dtype. */
export function datatypeOf(dtype: Dtype): Datatype {
  return names[dtype];
}

/**
 * The dtype of an output where nobody asks for one: floats keep theirs, integers become what models are fed with. JSON has no
 * bfloat16 in the protocol, and gets what all of its values are.
 */
export function defaultInferenceOutput(dtype: Dtype, isBinary = true): FloatDtype {
  if (dtype === 'bfloat16' && !isBinary) return 'float32';
  return isFloat(dtype) ? dtype : 'float32';
}

/** Bytes of one element on the wire. */
export function datatypeSize(datatype: Datatype): number {
  return itemSize(datatypes[datatype]);
}
