import { doublesAt, kernels, copyIn, withScratch } from '#kernels/kernels.ts';

/**
 * The probability that a χ² variable of `df` degrees of freedom exceeds `x`: scipy.stats.chi2.sf. By the finite sums for
 * whole degrees (Abramowitz and Stegun, 26.4.4 and 26.4.5).
 * @param df 1, 2, 3, …; with 0 the variable is 0
 */
export function chiSquaredTail(x: number, df: number): number {
  if (Number.isNaN(x)) return NaN;
  if (x <= 0) return 1;
  if (df === 0) return 0;
  const half = x / 2;
  const isEven = df % 2 === 0;
  let term = isEven ? Math.exp(-half) : (2 * Math.exp(-half) * Math.sqrt(half)) / Math.sqrt(Math.PI);
  let tail = isEven ? term : 2 * normalCdf(-Math.sqrt(x)) + (df > 1 ? term : 0);
  for (let k = isEven ? 2 : 3; k < df; k += 2) {
    term *= half / (k / 2);
    tail += term;
  }
  return Math.min(1, tail);
}

function normalCdf(x: number): number {
  return withScratch(() => {
    const address = copyIn(Float64Array.of(x));
    kernels.normal_cdf(address, 1);
    return doublesAt(address, 1)[0];
  });
}
