import { bytesAt, allocate, withScratch } from '#kernels/kernels.ts';
import type { Floats } from '#formats/encode-block.ts';
import type { NumberRange } from '#formats/json/write-number-lists.ts';

/** What `write` makes of values in the kernels' memory, as text. */
export function textOf(values: Floats, write: (numbers: NumberRange) => Uint8Array): string {
  const { buffer, byteOffset, byteLength, length: count } = values;
  const dtype = ({ 2: 'float16', 4: 'float32', 8: 'float64' } as const)[values.BYTES_PER_ELEMENT] ?? 'float64';
  return withScratch(() => {
    const address = allocate(byteLength);
    bytesAt(address, byteLength).set(new Uint8Array(buffer, byteOffset, byteLength));
    return Buffer.from(write({ address, count, dtype })).toString();
  });
}
