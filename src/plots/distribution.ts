/** What is drawn and told of one distribution. */
export interface Distribution {
  title: string;
  /** How it came about. */
  subtitle: string;
  /** Whether these are the data as they came. */
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
  /** Counts between edges, one more than counts; absent where the values have no finite range. */
  histogram?: { counts: ArrayLike<number>; edges: ArrayLike<number> };
}

/** Something that has no distribution, and why. */
export interface Missing {
  title: string;
  subtitle: string;
  reason: string;
}

/** The share of a distribution's entries that are zeros. */
export function zeroShare({ values }: Distribution): number {
  return values.zero_count / (values.nobs + values.nan_count);
}

/** Means this many deviations from zero are zero but for the rounding of a sum. */
const rounding = 1e-12;

/** The mean as people want it: 0 where it is nothing but rounding. */
export function meanOf({ values: { mean, variance } }: Distribution): number {
  return Math.abs(mean) < rounding * Math.sqrt(variance) ? 0 : mean;
}
