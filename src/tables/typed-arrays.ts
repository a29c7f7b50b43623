import type { Dtype } from '#tensor/dtype.ts';

export const typedArrays = {
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
} as const satisfies Record<Dtype, unknown>;

export type TypedArray = InstanceType<(typeof typedArrays)[Dtype]>;

/**
 * Bytes as `length` values; a view on them where they are aligned, else a copy.
 * @throws RangeError where there are fewer bytes
 */
export function viewAs<Name extends Dtype>(
  dtype: Name,
  bytes: Uint8Array,
  length: number,
): InstanceType<(typeof typedArrays)[Name]>;
export function viewAs(dtype: Dtype, bytes: Uint8Array, length: number): TypedArray {
  const Values = typedArrays[dtype];
  const size = length * Values.BYTES_PER_ELEMENT;
  if (size > bytes.byteLength) throw new RangeError(`There are ${bytes.byteLength} bytes where ${size} are needed.`);
  if (bytes.byteOffset % Values.BYTES_PER_ELEMENT === 0)
    return new Values(bytes.buffer as ArrayBuffer, bytes.byteOffset, length);
  // Not bytes.slice(), which is a view if they are a Buffer.
  return new Values(new Uint8Array(bytes.subarray(0, size)).buffer, 0, length);
}
