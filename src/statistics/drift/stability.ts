import { chiSquaredTail } from './chi-squared.ts';

/** How far two distributions over the same bins are apart. */
export interface Stability {
  /** The population stability index, Σ (p − q) · ln(p / q); an empty bin counts as half a value. */
  psi: number;
  /** The probability of such an index without drift. */
  pValue: number;
}

/**
 * The population stability index of a batch against what was fitted. Without drift it follows (1/n + 1/m) · χ²(bins − 1)
 * (Yurdakul and Naranjo, "Statistical properties of the population stability index", 2020). In small samples its tail is
 * heavier than that, so the p-value is the larger of its own and Pearson's.
 * @param counts of the batch, one per bin
 * @param shares of the bins in what was fitted
 * @param fittedCount how many values these shares rest on
 */
export function stabilityOf(counts: readonly number[], shares: readonly number[], fittedCount: number): Stability {
  const count = counts.reduce((sum, one) => sum + one, 0);
  if (count === 0 || !(fittedCount > 0)) return { psi: NaN, pValue: NaN };
  const spread = 1 / count + 1 / fittedCount;
  let psi = 0;
  let pearson = 0;
  counts.forEach((one, bin) => {
    const p = Math.max(one, 0.5) / count;
    const q = Math.max(shares[bin] * fittedCount, 0.5) / fittedCount;
    psi += (p - q) * Math.log(p / q);
    const pooled = (one + shares[bin] * fittedCount) / (count + fittedCount);
    if (pooled > 0) pearson += (one / count - shares[bin]) ** 2 / (pooled * spread);
  });
  const df = counts.length - 1;
  const pValue = df === 0 ? NaN : Math.max(chiSquaredTail(psi / spread, df), chiSquaredTail(pearson, df));
  return { psi, pValue };
}
