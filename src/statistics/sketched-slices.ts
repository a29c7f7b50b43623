import {
  addToSketch,
  emptySketch,
  isExact,
  mergeSketches,
  type QuantileSketch,
  sketchOrderStatistics,
  sketchQuantiles,
} from './quantile-sketch.ts';
import type { WholeSlices } from './whole-slices.ts';

/** A sketch of each slice's values, for merging with those of other parts of the data. */
export function sketchSlices(whole: WholeSlices, slices: number): QuantileSketch[] {
  const sketches = Array.from({ length: slices }, emptySketch);
  whole.eachPiece((values, slice) => addToSketch(sketches[slice], values));
  return sketches;
}

/** The sketches of parts as one per slice, merged in the order of the parts. */
export function mergeSlices(parts: readonly (readonly QuantileSketch[])[]): QuantileSketch[] {
  return parts[0].map((_, slice) => {
    const merged = emptySketch();
    for (const part of parts) mergeSketches(merged, part[slice]);
    return merged;
  });
}

/**
 * Sketches in the place of the slices they stand for.
 * @param sliceLength entries of a slice, NaN included
 */
export function sketchedSlices(sketches: readonly QuantileSketch[], sliceLength: number): WholeSlices {
  const rows = (wanted: number, of: (sketch: QuantileSketch) => Float64Array) => {
    const result = new Float64Array(wanted * sketches.length);
    sketches.forEach((sketch, slice) => {
      of(sketch).forEach((value, row) => {
        result[row * sketches.length + slice] = value;
      });
    });
    return result;
  };
  return {
    sliceLength,
    quantiles: (quantiles) => rows(quantiles.length, (sketch) => sketchQuantiles(sketch, quantiles)),
    orderStatistics: (wanted, positions) => rows(wanted, (sketch) => sketchOrderStatistics(sketch, positions)),
    each: withoutValues,
    eachPiece: withoutValues,
  };
}

function withoutValues(): never {
  throw new Error('A sketch does not have the values');
}

/** Whether quantiles of these are approximate: some sketch no longer holds every value. */
export function areApproximate(sketches: readonly QuantileSketch[]): boolean {
  return !sketches.every(isExact);
}
