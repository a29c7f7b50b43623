import type { Axis } from '#tensor/axis.ts';
import type { BinEdges } from '#statistics/drift/bin-counts.ts';

/** Which values are counted, by which bins. */
export interface Counting {
  bins: BinEdges;
  axis: Axis;
  columns?: number[];
}

/** Counts the values of transforms by a stored normalizer. */
export interface TransformRecorder extends Counting {
  /** Adds what was counted of one tensor. */
  add(counts: Float64Array): void;
}
