import { scaleBy } from './binary-scale.ts';
import { moments } from './moments.ts';
import { field, type State } from './reduction.ts';

/** Numbers in units of a power of two, where a double cannot hold them as they are. */
export interface Scaled {
  exponent: number;
  offset: number;
  scale: number;
}

/** Mean and spread of each slice, from a state of `moments`. */
export interface Spread {
  count: Float64Array;
  mean: Float64Array<ArrayBuffer>;
  /** NaN where a slice has no more than `ddof` values, unless they are equal. */
  variance: Float64Array<ArrayBuffer>;
  deviation: Float64Array<ArrayBuffer>;
  /** Whether a slice varies by no more than rounding: `var ≤ (2·ε·mean)²`. */
  isConstant(slice: number): boolean;
  /** What the mean leaves out. */
  meanLow(slice: number): number;
  /** Mean and deviation as they are before a double rounds, flushes or overflows them. */
  scaled(slice: number): Scaled;
}

/** @param ddof the variance divides by the count less this */
export function spreadOf(state: State, ddof: number): Spread {
  const count = field(moments, state, 'count');
  const means = field(moments, state, 'mean');
  const sums = field(moments, state, 'm2');
  const exponents = field(moments, state, 'exponent');
  const mean = means.slice();
  const variance = new Float64Array(mean.length);
  const deviation = new Float64Array(mean.length);
  for (let at = 0; at < mean.length; at++) {
    const exponent = exponents[at];
    const own = varianceOf(sums[at], count[at], ddof);
    variance[at] = own;
    deviation[at] = Math.sqrt(own);
    if (exponent === 0) continue;
    mean[at] = scaleBy(mean[at], exponent);
    variance[at] = scaleBy(own, 2 * exponent);
    deviation[at] = scaleBy(deviation[at], exponent);
  }
  return {
    count,
    mean,
    variance,
    deviation,
    isConstant: (at) => Math.sqrt(sums[at] / count[at]) <= 2 * Number.EPSILON * Math.abs(means[at]),
    meanLow: (at) => scaleBy(field(moments, state, 'mean_low')[at], exponents[at]),
    scaled: (at) => ({
      exponent: exponents[at],
      offset: means[at] + field(moments, state, 'mean_low')[at],
      scale: Math.sqrt(varianceOf(sums[at], count[at], ddof)),
    }),
  };
}

function varianceOf(sum: number, count: number, ddof: number): number {
  if (count > ddof) return sum / (count - ddof);
  return sum === 0 ? 0 : NaN;
}
