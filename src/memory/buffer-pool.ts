import { free } from './free.ts';

/** Buffers of one size that are used again: memory that is new to the process costs more than what is computed into it. */
export interface BufferPool {
  /** A buffer of so many bytes, if there is one; it holds what it held before. From now on those of this size are kept. */
  acquire(length: number): ArrayBuffer | undefined;
  /** Takes a buffer that nobody uses any more, and frees it where it is not of that size. */
  release(buffer: ArrayBufferLike): void;
  /** Frees what is there, and what comes. */
  clear(): void;
}

/** @param most buffers at once */
export function createBufferPool(most = Infinity): BufferPool {
  let size = 0;
  let spares: ArrayBuffer[] = [];

  function resize(length: number): void {
    for (const buffer of spares) free(buffer);
    spares = [];
    size = length;
  }

  return {
    acquire(length) {
      if (length !== size) resize(length);
      return spares.pop();
    },
    release(buffer) {
      const isKept = buffer instanceof ArrayBuffer && buffer.byteLength > 0 && buffer.byteLength === size;
      if (isKept && spares.length < most) spares.push(buffer);
      else free(buffer);
    },
    clear: () => resize(0),
  };
}
