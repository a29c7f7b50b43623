import { free } from './free.ts';

/** Reuses buffers of one size, because fresh memory costs more than the computation that fills it. */
export interface BufferPool {
  /** A buffer of this many bytes with arbitrary content, if there is one. From now on buffers of this size are kept. */
  acquire(length: number): ArrayBuffer | undefined;
  /** Returns an unused buffer to the pool; a buffer of another size is freed. */
  release(buffer: ArrayBufferLike): void;
  /** Frees the pooled buffers, and those returned later. */
  clear(): void;
}

/** @param most maximum pooled buffers */
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
