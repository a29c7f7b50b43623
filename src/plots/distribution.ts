/** One distribution to draw and describe. */
export interface Distribution {
  title: string;
  /** The options that produced it. */
  subtitle: string;
  /** Whether this is the input rather than an output. */
  isInput: boolean;
  values: {
    nobs: number;
    nan_count: number;
    zero_count: number;
    min: number;
    max: number;
    mean: number;
    variance: number;
    skewness: number;
    kurtosis: number;
  };
  /** Bin counts and edges, one more edge than counts; absent if the values have no finite range. */
  histogram?: { counts: ArrayLike<number>; edges: ArrayLike<number> };
}

/** A panel without a distribution, and the reason. */
export interface Missing {
  title: string;
  subtitle: string;
  reason: string;
}

/** Fraction of the values that are zeros, NaN included in the total. */
export function zeroShare({ values }: Distribution): number {
  return values.zero_count / (values.nobs + values.nan_count);
}

/** Means within this many standard deviations of zero are rounding errors of a sum. */
const rounding = 1e-12;

/** The mean for display: 0 where only rounding makes it differ from 0. */
export function meanOf({ values: { mean, variance } }: Distribution): number {
  return Math.abs(mean) < rounding * Math.sqrt(variance) ? 0 : mean;
}
