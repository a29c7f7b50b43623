import { doublesAt, allocate, withScratch } from '#kernels/kernels.ts';
import { eachTile, type Layout, tileCapacity } from '#tensor/layout.ts';
import { type EachView } from './quantiles/quantiles.ts';
import { interpolate } from './quantiles/ranks.ts';
import { loadTile, type SampleWeights } from './reduce-block.ts';
import type { WholeSlices } from './whole-slices.ts';

/** Values that are gathered at once, with their weights: 256 MiB. */
const maxGathered = 2 ** 24;

/** Shares of the total weight that are no farther apart than this are the same: so much is rounding. */
const tolerance = 4 * Number.EPSILON;

/** A slice's values in ascending order, with the weight of each and of those before it. */
interface WeightedSlice {
  values: Float64Array;
  cumulated: Float64Array;
}

/**
 * Whole slices of weighted samples. Their quantiles are those of scikit-learn 1.8 and later: the inverted CDF, averaged
 * where it is flat (Hyndman and Fan 1996, type 2). NaN and samples of weight 0 are left out.
 */
export function weightedSlices(eachView: EachView, layout: Layout, weights: SampleWeights): WholeSlices {
  const { slices, sliceLength } = layout;
  const sums = new Float64Array(slices);

  function eachWeighted(visit: (slice: number, of: WeightedSlice) => void): void {
    const group = Math.max(1, Math.floor(maxGathered / Math.max(sliceLength, 1)));
    for (let from = 0; from < slices; from += group) {
      const to = Math.min(from + group, slices);
      const gathered = gather(eachView, layout, weights, from, to);
      gathered.forEach((pairs, at) => visit(from + at, inOrder(pairs)));
    }
  }

  return {
    sliceLength,
    weightSums: () => sums,
    quantiles(quantiles) {
      const result = new Float64Array(quantiles.length * slices).fill(NaN);
      eachWeighted((slice, of) => {
        sums[slice] = of.cumulated.at(-1) ?? 0;
        if (of.values.length === 0) return;
        quantiles.forEach((quantile, row) => {
          result[row * slices + slice] = weightedQuantile(of, quantile);
        });
      });
      return result;
    },
    orderStatistics() {
      throw new Error('Weighted samples have no order statistics by count');
    },
    each: withoutWeights,
    eachPiece: withoutWeights,
  };
}

function withoutWeights(): never {
  throw new Error('Weighted samples are not handed over without their weights');
}

interface Pairs {
  values: Float64Array;
  weights: Float64Array;
  count: number;
}

/** The values of the slices `[from, to)` that count, each with its weight. */
function gather(eachView: EachView, layout: Layout, weights: SampleWeights, from: number, to: number): Pairs[] {
  const { sliceLength, rowIsSlice } = layout;
  const gathered = Array.from({ length: to - from }, () => ({
    values: new Float64Array(sliceLength),
    weights: new Float64Array(sliceLength),
    count: 0,
  }));
  eachView((view) => {
    withScratch(() => {
      const x = allocate(tileCapacity * 8);
      eachTile(layout, view.offset, view.count, (tile) => {
        loadTile(view, tile, x, 0);
        const values = doublesAt(x, tile.rows * tile.columns);
        for (let row = 0, at = 0; row < tile.rows; row++) {
          const first = view.offset + tile.offset + row * tile.stride;
          for (let column = 0; column < tile.columns; column++, at++) {
            const slice = tile.slice + (rowIsSlice ? row : column);
            const weight = weights.values[Math.floor((first + column) / weights.sampleLength)];
            if (slice < from || slice >= to || weight === 0 || Number.isNaN(values[at])) continue;
            const pairs = gathered[slice - from];
            pairs.values[pairs.count] = values[at];
            pairs.weights[pairs.count++] = weight;
          }
        }
      });
    });
  });
  return gathered;
}

function inOrder({ values, weights, count }: Pairs): WeightedSlice {
  const order = Uint32Array.from({ length: count }, (_, at) => at).sort((a, b) => values[a] - values[b] || a - b);
  const cumulated = new Float64Array(count);
  // Neumaier summation, so that rounding errors do not accumulate.
  let sum = 0;
  let lost = 0;
  order.forEach((from, at) => {
    const weight = weights[from];
    const next = sum + weight;
    lost += sum >= weight ? sum - next + weight : weight - next + sum;
    sum = next;
    cumulated[at] = sum + lost;
  });
  return { values: Float64Array.from(order, (at) => values[at]), cumulated };
}

function weightedQuantile({ values, cumulated }: WeightedSlice, quantile: number): number {
  const last = values.length - 1;
  if (quantile <= 0) return values[0];
  if (quantile >= 1) return values[last];
  const total = cumulated[last];
  const wanted = quantile * total;
  const isBelow = (at: number) => cumulated[at] < wanted - tolerance * total;
  let at = 0;
  for (let high = last; at < high; ) {
    const middle = (at + high) >>> 1;
    if (isBelow(middle)) at = middle + 1;
    else high = middle;
  }
  const isFlat = cumulated[at] <= wanted + tolerance * total && at < last;
  return isFlat ? interpolate(values[at], values[at + 1], 0.5) : values[at];
}
