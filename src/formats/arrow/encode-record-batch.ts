import type { ArrayFloat } from '#tensor/dtype.ts';
import { batchMessage, columnStride } from './encode-messages.ts';

type Floats = Float16Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

/** Encodes whole rows, row-major, as a record batch. */
export function columnarBatch(rows: Floats, dtype: ArrayFloat, columns: number): Uint8Array<ArrayBuffer> {
  const count = rows.length / columns;
  const message = batchMessage({ dtype }, columns, count);
  const stride = columnStride({ dtype }, count);
  const batch = new Uint8Array(message.length + columns * stride);
  batch.set(message);
  const Values = rows.constructor as new (buffer: ArrayBuffer, offset: number, length: number) => Floats;
  for (let column = 0; column < columns; column++) {
    const values = new Values(batch.buffer, message.length + column * stride, count);
    for (let row = 0; row < count; row++) values[row] = rows[row * columns + column];
  }
  return batch;
}
