/**
 * Frees the memory of a buffer at once by detaching it: megabyte blocks would otherwise pile up until the next garbage
 * collection. Does nothing to shared memory and to buffers that were transferred.
 */
export function free(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
