import { type ArrayFloat, itemSize } from '#tensor/dtype.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import { arrayTypes } from '#tensor/dtype.ts';

const bits = { float16: 16, float32: 32, float64: 64 } as const;

/** Row-major floats, [rows, columns], as columns, which share one buffer. */
export function fromRowMajor(elements: ArrayBuffer, dtype: ArrayFloat, columns: number): CarriedColumn[] {
  const Values = arrayTypes[dtype];
  const from = new Values(elements);
  const length = columns === 0 ? 0 : from.length / columns;
  const to = new Values(from.length);
  for (let row = 0, at = 0; row < length; row++) {
    for (let column = 0; column < columns; column++) to[column * length + row] = from[at++];
  }
  const bytes = length * itemSize(dtype);
  return Array.from({ length: columns }, (_, column) => ({
    type: { kind: 'float', bits: bits[dtype] },
    length,
    data: new Uint8Array(to.buffer, column * bytes, bytes),
  }));
}
