import { scaleBy } from './binary-scale.ts';
import { extent } from './extent.ts';
import { moments } from './moments.ts';
import { field, type Reduction, type State } from './reduction.ts';

/** What describing learns, in this order. */
export const describeReductions: readonly Reduction[] = [extent, moments];

/** One value per slice under SciPy's names; `minmax` as its two ends. */
export interface Description {
  nobs: Float64Array;
  min: Float64Array;
  max: Float64Array;
  mean: Float64Array;
  variance: Float64Array;
  skewness: Float64Array;
  kurtosis: Float64Array;
  nan_count: Float64Array;
  zero_count: Float64Array;
}

/**
 * The statistics of scipy.stats.describe (https://docs.scipy.org/doc/scipy/reference/generated/scipy.stats.describe.html),
 * NaN left out. Skewness is m3 / m2^1.5 and kurtosis Fisher's, m4 / m2² − 3; both are NaN where m2 ≤ (ε·mean)².
 * @param ddof the variance divides by nobs − ddof
 * @param bias false corrects skewness for nobs > 2 and kurtosis for nobs > 3
 */
export function describe(states: readonly State[], ddof: number, bias: boolean): Description {
  const [seen, powers] = states;
  const { slices } = seen;
  const nobs = field(extent, seen, 'count');
  const sum2 = field(moments, powers, 'm2');
  const sum3 = field(moments, powers, 'm3');
  const sum4 = field(moments, powers, 'm4');
  const exponents = field(moments, powers, 'exponent');
  const description: Description = {
    nobs,
    min: field(extent, seen, 'min').slice(),
    max: field(extent, seen, 'max').slice(),
    mean: field(moments, powers, 'mean').slice(),
    variance: new Float64Array(slices),
    skewness: new Float64Array(slices),
    kurtosis: new Float64Array(slices),
    nan_count: field(extent, seen, 'nan'),
    zero_count: field(extent, seen, 'zeros'),
  };
  const { min, max, mean, variance } = description;
  for (let at = 0; at < slices; at++) {
    const n = nobs[at];
    if (exponents[at] !== 0) mean[at] = scaleBy(mean[at], exponents[at]);
    if (n === 0) min[at] = max[at] = mean[at] = NaN;
    variance[at] = n > ddof ? scaleBy(sum2[at] / (n - ddof), 2 * exponents[at]) : NaN;
    const isFlat = n === 0 || scaleBy(Math.sqrt(sum2[at] / n), exponents[at]) <= Number.EPSILON * Math.abs(mean[at]);
    description.skewness[at] = isFlat ? NaN : skewness(n, sum2[at], sum3[at], bias);
    description.kurtosis[at] = isFlat ? NaN : kurtosis(n, sum2[at], sum4[at], bias);
  }
  return description;
}

function skewness(n: number, sum2: number, sum3: number, bias: boolean): number {
  const biased = sum3 / n / (sum2 / n) ** 1.5;
  return bias || n <= 2 ? biased : (biased * Math.sqrt(n * (n - 1))) / (n - 2);
}

function kurtosis(n: number, sum2: number, sum4: number, bias: boolean): number {
  const ratio = sum4 / n / (sum2 / n) ** 2;
  return bias || n <= 3 ? ratio - 3 : ((n * n - 1) * ratio - 3 * (n - 1) ** 2) / ((n - 2) * (n - 3));
}
