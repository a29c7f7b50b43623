import { createBufferPool } from './buffer-pool.ts';

/** Buffers that wait for their next use at most, and milliseconds that they wait. */
const [mostSpares, patience] = [16, 1000];

const bufferPool = createBufferPool(mostSpares);
let timer: NodeJS.Timeout | undefined;

/** A buffer of so many bytes that was sent before, for the next output. */
export const acquireOutputBuffer = bufferPool.acquire;

/** Takes the buffer of what has been sent. */
export function recycleOutputBuffer(buffer: ArrayBuffer): void {
  bufferPool.release(buffer);
  timer ??= setTimeout(bufferPool.clear, patience).unref();
  timer.refresh();
}
