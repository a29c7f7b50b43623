import { type QuantileSketch, sketchFromBytes, sketchToBytes } from './quantile-sketch.ts';

/**
 * The sketches of many slices in one buffer, as threads send them: transferring a buffer per slice takes time quadratic in
 * their number, which nothing can interrupt.
 */
export interface PackedSketches {
  /** The bytes of one sketch after the other. */
  bytes: Uint8Array<ArrayBuffer>;
  /** Where each begins, and where the last one ends. */
  starts: Float64Array<ArrayBuffer>;
}

export function packSketches(sketches: readonly QuantileSketch[]): PackedSketches {
  return packBytes(sketches.map(sketchToBytes));
}

/** @param pieces the bytes of each sketch */
export function packBytes(pieces: readonly Uint8Array[]): PackedSketches {
  const starts = new Float64Array(pieces.length + 1);
  pieces.forEach((piece, at) => {
    starts[at + 1] = starts[at] + piece.length;
  });
  const bytes = new Uint8Array(starts[pieces.length]);
  pieces.forEach((piece, at) => bytes.set(piece, starts[at]));
  return { bytes, starts };
}

export function unpackSketches(packed: PackedSketches): QuantileSketch[] {
  return bytesOfSketches(packed).map((bytes) => sketchFromBytes(bytes));
}

/** The bytes of each sketch, as views of the one buffer. */
export function bytesOfSketches({ bytes, starts }: PackedSketches): Uint8Array<ArrayBuffer>[] {
  return Array.from({ length: starts.length - 1 }, (_, at) => bytes.subarray(starts[at], starts[at + 1]));
}
