import type { Matrix } from './matrix.ts';

/** What a column looks like. */
export interface ColumnProfile {
  min: number;
  max: number;
  mean: number;
  /** With ddof 0. */
  std: number;
  /** 0 when symmetric; NaN for a constant column. */
  skewness: number;
  /** The quartiles, linear as in NumPy. */
  quartiles: [number, number, number];
  /** The share of values farther than three times the quartiles' distance from them: Tukey's "far out". */
  outlierShare: number;
  zeroShare: number;
  /** The share of the most frequent value. */
  modeShare: number;
  /** How many deviations the value farthest from the mean is away from it. */
  largestZ: number;
  /** A repeated end value that takes more than half of the range for itself, such as −999 for "missing". */
  sentinel?: { value: number; count: number };
  /** Counts of equal bins from the smallest to the largest value. */
  histogram: number[];
}

const bins = 24;

/** What each of some columns looks like over all rows, which must be finite. */
export function profileColumns({ values, rows, columns }: Matrix, first: number, count: number): ColumnProfile[] {
  const sorted = new Float64Array(rows);
  return Array.from({ length: count }, (_, at) => {
    for (let i = 0; i < rows; i++) sorted[i] = values[i * columns + first + at];
    return profile(sorted.sort());
  });
}

function profile(sorted: Float64Array): ColumnProfile {
  const n = sorted.length;
  const [min, max] = [sorted[0], sorted[n - 1]];
  const mean = sorted.reduce((sum, value) => sum + value / n, 0);
  let [second, third, zeros] = [0, 0, 0];
  for (const value of sorted) {
    const difference = value - mean;
    second += difference * difference;
    third += difference * difference * difference;
    if (value === 0) zeros += 1;
  }
  const std = min === max ? 0 : Math.sqrt(second / n);
  const quartiles = [0.25, 0.5, 0.75].map((share) => quantile(sorted, share)) as ColumnProfile['quartiles'];
  return {
    min,
    max,
    mean,
    std,
    skewness: std === 0 ? Number.NaN : third / n / std ** 3,
    quartiles,
    outlierShare: outlierShare(sorted, quartiles),
    zeroShare: zeros / n,
    modeShare: longestRun(sorted) / n,
    largestZ: std === 0 ? 0 : Math.max(max - mean, mean - min) / std,
    sentinel: sentinelOf(sorted),
    histogram: histogramOf(sorted),
  };
}

function quantile(sorted: Float64Array, share: number): number {
  const place = (sorted.length - 1) * share;
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below] + (place - below) * (sorted[above] - sorted[below]);
}

/** Of a column whose quartiles coincide no share can be told: it is 0. */
function outlierShare(sorted: Float64Array, [low, , high]: ColumnProfile['quartiles']): number {
  const reach = 3 * (high - low);
  if (reach === 0) return 0;
  const far = sorted.filter((value) => value < low - reach || value > high + reach);
  return far.length / sorted.length;
}

function longestRun(sorted: Float64Array): number {
  let longest = 0;
  for (let first = 0, next = 0; first < sorted.length; first = next) {
    while (next < sorted.length && sorted[next] === sorted[first]) next++;
    longest = Math.max(longest, next - first);
  }
  return longest;
}

/** A sentinel is repeated, rare enough to be an exception, and farther from all else than all else spans. */
function sentinelOf(sorted: Float64Array): ColumnProfile['sentinel'] {
  const n = sorted.length;
  const [min, max] = [sorted[0], sorted[n - 1]];
  const above = sorted.findIndex((value) => value > min);
  const below = sorted.findLastIndex((value) => value < max);
  if (above < 0) return undefined;
  if (above > 1 && above < n / 3 && sorted[above] - min > max - sorted[above] && max > sorted[above])
    return { value: min, count: above };
  const count = n - 1 - below;
  if (count > 1 && count < n / 3 && max - sorted[below] > sorted[below] - min && min < sorted[below])
    return { value: max, count };
  return undefined;
}

function histogramOf(sorted: Float64Array): number[] {
  const counts = new Array<number>(bins).fill(0);
  const [min, max] = [sorted[0], sorted[sorted.length - 1]];
  const width = (max - min) / bins;
  for (const value of sorted) counts[width > 0 ? Math.min(bins - 1, Math.floor((value - min) / width)) : 0] += 1;
  return counts;
}
