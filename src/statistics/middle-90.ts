import type { Description } from './describe.ts';

/** Where the middle 90 % of the values begin and end. */
export const middleQuantiles = [0.05, 0.95];

/** What is known of one slice. */
interface Known {
  description: Description;
  /** Those of `middleQuantiles`. */
  quantiles?: Float64Array;
  histogram?: { counts: Float64Array; edges: Float64Array };
}

/**
 * The share of the range that the middle 90 % of the values take: 0.9 of evenly spread ones, next to 0 beside an outlier.
 * Without quantiles it comes from the histogram, as if values lay evenly within their bins: exact to one bin at each end.
 * NaN where the range is empty or infinite, and where nothing tells.
 */
export function middle90Share({ description, quantiles, histogram }: Known): number {
  const [min] = description.min;
  const [max] = description.max;
  // Halves, because the range may be beyond a double.
  if (quantiles) return (quantiles[1] / 2 - quantiles[0] / 2) / (max / 2 - min / 2);
  if (!histogram || histogram.edges[0] !== min || histogram.edges.at(-1) !== max) return NaN;
  const { counts } = histogram;
  const total = counts.reduce((sum, count) => sum + count, 0);
  const [low, high] = middleQuantiles.map((quantile) => positionOf(counts, quantile * total));
  return (high - low) / counts.length;
}

/** Where so many values have been counted, in bins from the first edge on. */
function positionOf(counts: Float64Array, wanted: number): number {
  let seen = 0;
  const bin = counts.findIndex((count) => {
    seen += count;
    return count > 0 && seen >= wanted;
  });
  return bin + 1 - (seen - wanted) / counts[bin];
}
