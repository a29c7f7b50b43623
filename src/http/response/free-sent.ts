import { recycleOutputBuffer } from '#memory/output-buffers.ts';

/** Smaller pieces are left to the garbage collector; they may be sent more than once. */
const worthFreeing = 2 ** 16;

/** Frees or recycles the pieces of a stream once they have been sent. */
export interface SentBuffers {
  /** Takes the next piece. */
  add(piece: Uint8Array): void;
  /** Frees the sent pieces, given how many of the added bytes are still unsent. */
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
