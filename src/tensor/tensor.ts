import type { Dtype } from './dtype.ts';

/** What is known about a tensor before its elements arrive. */
export interface TensorHeader {
  dtype: Dtype;
  shape: number[];
}

/** A tensor in memory: row-major, little-endian elements from byte 0 of the buffer on. */
export interface Tensor extends TensorHeader {
  buffer: ArrayBuffer;
}
