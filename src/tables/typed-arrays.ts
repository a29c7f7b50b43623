import { arrayTypes, type ArrayDtype } from '#tensor/dtype.ts';

export type TypedArray = InstanceType<(typeof arrayTypes)[ArrayDtype]>;

/**
 * Bytes as `length` values; a view on them where they are aligned, else a copy.
 * @throws RangeError where there are fewer bytes
 */
export function viewAs<Name extends ArrayDtype>(
  dtype: Name,
  bytes: Uint8Array,
  length: number,
): InstanceType<(typeof arrayTypes)[Name]>;
export function viewAs(dtype: ArrayDtype, bytes: Uint8Array, length: number): TypedArray {
  const Values = arrayTypes[dtype];
  const size = length * Values.BYTES_PER_ELEMENT;
  if (size > bytes.byteLength) throw new RangeError(`There are ${bytes.byteLength} bytes where ${size} are needed.`);
  if (bytes.byteOffset % Values.BYTES_PER_ELEMENT === 0)
    return new Values(bytes.buffer as ArrayBuffer, bytes.byteOffset, length);
  // Not bytes.slice(), which is a view if they are a Buffer.
  return new Values(new Uint8Array(bytes.subarray(0, size)).buffer, 0, length);
}
