/**
 * Frees the memory of a buffer at once, and leaves it without any: blocks of a megabyte would pile up as garbage until the
 * next collection. Shared memory is left alone, and so is what was handed over.
 */
export function free(buffer: ArrayBufferLike): void {
  if (buffer instanceof ArrayBuffer && !buffer.detached) buffer.transfer(0);
}
