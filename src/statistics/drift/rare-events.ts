import { chiSquaredTail } from './chi-squared.ts';

/**
 * The probability that `k` or more of `n` values lie outside the range of `m` earlier ones of the same distribution: the tail
 * of the beta-binomial distribution that exchangeability alone implies, BetaBin(n, 2, m − 1). Ties make it smaller.
 */
export function outOfRangeTail(k: number, n: number, m: number): number {
  if (k <= 0) return 1;
  if (m < 2) return NaN;
  // Each probability from its predecessor, starting at j = 0: P(j + 1) / P(j) = (n − j)(j + 2) / ((j + 1)(m + n − j − 2)).
  let logTerm = Math.log(m) + Math.log(m - 1) - Math.log(m + n) - Math.log(m + n - 1);
  let below = 0;
  for (let j = 0; j < k; j++) {
    below += Math.exp(logTerm);
    logTerm += Math.log(n - j) + Math.log(j + 2) - Math.log(j + 1) - Math.log(m + n - j - 2);
  }
  if (below < 0.5) return 1 - below;
  let tail = 0;
  for (let j = k; j <= n; j++) {
    const term = Math.exp(logTerm);
    tail += term;
    if (term < tail * Number.EPSILON) break;
    logTerm += Math.log(n - j) + Math.log(j + 2) - Math.log(j + 1) - Math.log(m + n - j - 2);
  }
  return Math.min(1, tail);
}

/** The probability of two shares so different, `a` of `n` and `b` of `m`: the χ² test of a 2 × 2 table with Yates' correction. */
export function sharesTail(a: number, n: number, b: number, m: number): number {
  const all = n + m;
  const hits = a + b;
  if (n === 0 || m === 0 || hits === 0 || hits === all) return n === 0 || m === 0 ? NaN : 1;
  const difference = Math.max(0, Math.abs(a * (m - b) - b * (n - a)) - all / 2);
  return chiSquaredTail((difference / n / m) * (difference / hits / (all - hits)) * all, 1);
}
