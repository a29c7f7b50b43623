import { narrowToBfloat16, widenBfloat16 } from '#tensor/bfloat16.ts';
import type { Dtype } from '#tensor/dtype.ts';

const arrays = {
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
  bfloat16: Uint16Array,
} as const satisfies Record<Dtype, unknown>;

export type Elements = InstanceType<(typeof arrays)[Dtype]>;

/** Numbers as the elements of a tensor, rounded or wrapped as typed arrays do. */
export function elementsOf(dtype: Dtype, values: ArrayLike<number>): Elements {
  if (dtype === 'uint64') return BigUint64Array.from(values, BigInt);
  if (dtype === 'int64') return BigInt64Array.from(values, BigInt);
  if (dtype === 'bfloat16') return narrowToBfloat16(Float64Array.from(values)).halves;
  return arrays[dtype].from(values);
}

/** Elements as float64. */
export function doublesOf(dtype: Dtype, elements: Elements): Float64Array {
  if (dtype === 'bfloat16') return Float64Array.from(widenBfloat16(Uint16Array.from(elements as Uint16Array)));
  const doubles = Float64Array.from(elements as ArrayLike<number | bigint>, Number);
  return dtype === 'bool' ? doubles.map((value) => (value === 0 ? 0 : 1)) : doubles;
}
