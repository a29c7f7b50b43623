import type { Description } from '#statistics/describe.ts';
import { type CdfSketch, rankError } from '#statistics/drift/cdf-sketch.ts';
import { distancesTo } from '#statistics/drift/distance.ts';
import { kolmogorovTail } from '#statistics/drift/kolmogorov.ts';
import { type Bins, binsOf } from '#statistics/drift/profile.ts';
import { outOfRangeTail, sharesTail } from '#statistics/drift/rare-events.ts';
import { stabilityOf } from '#statistics/drift/stability.ts';

/** A column of a batch. */
export interface Sample {
  /** Its values without NaN, ascending. */
  sorted: Float64Array;
  nanCount: number;
}

export type TestName = 'psi' | 'ks' | 'nan' | 'out_of_range';

/** One column of a batch beside what was fitted; null where a figure has no value, as a shift of what was constant. */
export interface ColumnFigures {
  /** Values that are not NaN, in the batch and in the fit. */
  n: number;
  n_fitted: number;
  psi: number | null;
  ks: number | null;
  /** In standard deviations of the fit, as the shift of the mean. */
  wasserstein: number | null;
  mean_shift: number | null;
  std_ratio: number | null;
  nan_share: number | null;
  fitted_nan_share: number | null;
  out_of_range_share: number | null;
  /** Of each test by itself, not corrected. */
  p_values: Record<TestName, number | null>;
  /** The fitted deciles, and the shares of both in the bins that end with them. */
  deciles: (number | null)[];
  fitted_shares: number[];
  shares: number[];
}

/** A share's variance where it is largest among deciles: what a merged sketch's error is measured by. */
const decileVariance = 0.09;

/** @param description of all slices of the fit */
export function compareColumn(
  sketch: CdfSketch,
  { nobs, nan_count: nan, min, max, mean, variance }: Description,
  slice: number,
  { sorted, nanCount }: Sample,
): ColumnFigures {
  const n = sorted.length;
  const bins = binsOf(sketch, max[slice]);
  const counts = countBins(sorted, bins);
  // What merging may have moved a share by counts as if it rested on fewer values.
  const fittedCount = 1 / (1 / sketch.effectiveCount + sketch.error ** 2 / decileVariance);
  const { psi, pValue } = stabilityOf(counts, bins.shares, fittedCount);
  const { ks, wasserstein } = distancesTo(sketch, sorted);
  const deviation = Math.sqrt(variance[slice]);
  const own = momentsOf(sorted);
  const outside = n - countUpTo(sorted, max[slice]) + countBelow(sorted, min[slice]);
  return {
    n,
    n_fitted: nobs[slice],
    psi: orNull(psi),
    ks: orNull(ks),
    wasserstein: orNull(wasserstein / deviation),
    mean_shift: orNull((own.mean - mean[slice]) / deviation),
    std_ratio: orNull(own.deviation / deviation),
    nan_share: orNull(nanCount / (n + nanCount)),
    fitted_nan_share: orNull(nan[slice] / (nan[slice] + nobs[slice])),
    out_of_range_share: orNull(outside / n),
    p_values: {
      psi: orNull(pValue),
      ks: orNull(kolmogorovTail(Math.max(0, ks - rankError(sketch)), n, sketch.effectiveCount)),
      nan: orNull(sharesTail(nanCount, n + nanCount, nan[slice], nan[slice] + nobs[slice])),
      out_of_range: orNull(nobs[slice] < 2 || n === 0 ? NaN : outOfRangeTail(outside, n, nobs[slice])),
    },
    deciles: bins.edges.map(orNull),
    fitted_shares: bins.shares,
    shares: counts.map((count) => (n === 0 ? 0 : count / n)),
  };
}

/** The smallest p of a column's tests, times how many there are; NaN where there is none. */
export function smallestP({ p_values: pValues }: ColumnFigures): number {
  const tests = Object.values(pValues).filter((p) => p !== null);
  return tests.length === 0 ? NaN : Math.min(1, tests.length * Math.min(...tests));
}

function countBins(sorted: Float64Array, { edges, shares }: Bins): number[] {
  if (shares.length === 0) return [];
  const below = [...edges.map((edge) => countUpTo(sorted, edge)), sorted.length];
  return below.map((count, bin) => count - (below[bin - 1] ?? 0));
}

function countUpTo(sorted: Float64Array, x: number): number {
  return countWhile(sorted, (value) => value <= x);
}

function countBelow(sorted: Float64Array, x: number): number {
  return countWhile(sorted, (value) => value < x);
}

/** The length of the prefix for which a monotone predicate holds, by binary search. */
function countWhile(sorted: Float64Array, holds: (value: number) => boolean): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(sorted[middle])) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** In units of the largest magnitude, so that no square leaves a double. */
function momentsOf(sorted: Float64Array): { mean: number; deviation: number } {
  const n = sorted.length;
  if (n === 0) return { mean: NaN, deviation: NaN };
  const unit = Math.max(Math.abs(sorted[0]), Math.abs(sorted[n - 1])) || 1;
  let mean = 0;
  let squares = 0;
  for (let at = 0; at < n; at++) {
    const value = sorted[at] / unit;
    const distance = value - mean;
    mean += distance / (at + 1);
    squares += distance * (value - mean);
  }
  return { mean: mean * unit, deviation: Math.sqrt(squares / n) * unit };
}

function orNull(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
