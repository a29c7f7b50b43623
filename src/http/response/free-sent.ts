import { recycleOutputBuffer } from '#memory/output-buffers.ts';

/** A piece smaller than this is left to the next collection; it may be one that is sent more than once. */
const worthFreeing = 2 ** 16;

/** Frees the pieces of a stream when they have been sent, or has their memory used again. */
export interface SentBuffers {
  /** Takes the next piece. */
  add(piece: Uint8Array): void;
  /** Frees what has been sent, when so many bytes of all that was added have not. */
  free(unsent: number): void;
}

export function trackSentBuffers(): SentBuffers {
  const waiting: { buffer: ArrayBuffer; end: number }[] = [];
  let added = 0;
  return {
    add(piece) {
      added += piece.length;
      const { buffer, length } = piece;
      const owns = buffer instanceof ArrayBuffer && length === buffer.byteLength;
      if (owns && length >= worthFreeing) waiting.push({ buffer, end: added });
    },
    free(unsent) {
      while (waiting.length > 0 && waiting[0].end <= added - unsent)
        recycleOutputBuffer((waiting.shift() as { buffer: ArrayBuffer }).buffer);
    },
  };
}
