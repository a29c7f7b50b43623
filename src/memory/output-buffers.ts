import { createBufferPool } from './buffer-pool.ts';

/** Maximum pooled buffers, and milliseconds without use after which they are freed. */
const [mostSpares, patience] = [16, 1000];

const bufferPool = createBufferPool(mostSpares);
let timer: NodeJS.Timeout | undefined;

/** A recycled buffer of this many bytes for an output, if there is one. */
export const acquireOutputBuffer = bufferPool.acquire;

/** Recycles the buffer of output that has been sent. */
export function recycleOutputBuffer(buffer: ArrayBuffer): void {
  bufferPool.release(buffer);
  timer ??= setTimeout(bufferPool.clear, patience).unref();
  timer.refresh();
}
