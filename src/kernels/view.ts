import { type Dtype, dtypes, itemSize } from '#tensor/dtype.ts';
import type { Block } from '#tensor/source.ts';
import { bytesAt, kernels, allocate } from './kernels.ts';

/** A block of a tensor's elements in the kernels' memory. */
export interface View {
  dtype: Dtype;
  address: number;
  /** Index of its first element in the flattened tensor. */
  offset: number;
  count: number;
  /** Where an element stands in the request, to tell a client. */
  locate(flat: number): { index: string; pointer: string };
}

/** The kernels' number of a dtype. */
export function dtypeNumber(dtype: Dtype): number {
  return dtypes.indexOf(dtype);
}

/** Copies a block's elements of any byte order into the kernels' memory and returns their address. */
export function placeElements(
  { buffer, start, count }: Omit<Block, 'offset'>,
  dtype: Dtype,
  bigEndian: boolean,
): number {
  const width = itemSize(dtype);
  const address = allocate(count * width);
  bytesAt(address, count * width).set(new Uint8Array(buffer, start, count * width));
  if (bigEndian && width > 1) kernels.swap_bytes(width, address, count);
  return address;
}
