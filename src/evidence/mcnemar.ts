/**
 * McNemar's exact test: the two-sided probability, if neither of two were better, of an imbalance as large as this among
 * the samples that only one of them got right. As scipy.stats.binomtest(onlyFirst, onlyFirst + onlySecond).
 * @returns 1 where they never differ
 */
export function mcnemar(onlyFirst: number, onlySecond: number): number {
  const n = onlyFirst + onlySecond;
  const least = Math.min(onlyFirst, onlySecond);
  if (onlyFirst === onlySecond) return 1;
  // The largest term in logarithms, since a power of ½ underflows; the others by the ratio of neighbors.
  let logTerm = -n * Math.LN2;
  for (let i = 1; i <= least; i++) logTerm += Math.log((n - least + i) / i);
  let sum = 1;
  let ratio = 1;
  for (let i = least; i > 0; i--) {
    ratio *= i / (n - i + 1);
    sum += ratio;
  }
  return Math.min(1, 2 * sum * Math.exp(logTerm));
}
