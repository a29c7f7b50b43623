/** The element types a tensor can have, under NumPy's names, and bfloat16, which NumPy lacks. Their order is the kernels' numbering. */
export const dtypes = [
  'bool',
  'uint8',
  'int8',
  'uint16',
  'int16',
  'uint32',
  'int32',
  'uint64',
  'int64',
  'float16',
  'float32',
  'float64',
  'bfloat16',
] as const;

export type Dtype = (typeof dtypes)[number];

/** The dtypes an output can have. */
export const floatDtypes = ['float16', 'bfloat16', 'float32', 'float64'] as const;

export type FloatDtype = (typeof floatDtypes)[number];

const sizes: Record<Dtype, number> = {
  bool: 1,
  uint8: 1,
  int8: 1,
  uint16: 2,
  int16: 2,
  uint32: 4,
  int32: 4,
  uint64: 8,
  int64: 8,
  float16: 2,
  float32: 4,
  float64: 8,
  bfloat16: 2,
};

/** Bytes of one element. */
export function itemSize(dtype: Dtype): number {
  return sizes[dtype];
}

export function isFloat(dtype: Dtype): dtype is FloatDtype {
  return (floatDtypes as readonly Dtype[]).includes(dtype);
}

/** Floats keep their dtype; integers and booleans become float64, as in NumPy's true division. */
export function defaultOutput(dtype: Dtype): FloatDtype {
  return isFloat(dtype) ? dtype : 'float64';
}

/** The dtypes that JavaScript has typed arrays for. */
export type ArrayDtype = Exclude<Dtype, 'bfloat16'>;

export type ArrayFloat = Exclude<FloatDtype, 'bfloat16'>;

/** The typed array that holds the elements of each dtype; bools are bytes. */
export const arrayTypes = {
  bool: Uint8Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  float16: Float16Array,
  float32: Float32Array,
  float64: Float64Array,
} as const satisfies Record<ArrayDtype, unknown>;
