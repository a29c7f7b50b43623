import { scaleBy } from '../binary-scale.ts';
import type { WholeSlices } from '../whole-slices.ts';

/**
 * Quantiles of slices of subnormal numbers as multiples of 2^exponent: between two of these a double has no room for what
 * is interpolated.
 * @param counts values of each slice
 * @returns one row per quantile, one value per slice
 */
export function liftedQuantiles(
  whole: WholeSlices,
  quantiles: readonly number[],
  counts: Float64Array,
  exponent: number,
): Float64Array[] {
  const around = (count: number) =>
    quantiles.flatMap((quantile) => [Math.floor(quantile * (count - 1)), Math.ceil(quantile * (count - 1))]);
  const values = whole.orderStatistics(2 * quantiles.length, (count) => Float64Array.from(around(count)));
  return quantiles.map((quantile, row) =>
    counts.map((count, slice) => {
      const position = quantile * (count - 1);
      const [low, high] = [0, 1].map((end) => scaleBy(values[(2 * row + end) * counts.length + slice], -exponent));
      return low + (high - low) * (position - Math.floor(position));
    }),
  );
}
