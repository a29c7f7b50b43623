/** Where the two series of the distribution converge equally fast. */
const meeting = 1.18;

/**
 * The probability that the distribution functions of samples of n and m values of one distribution are `distance` or more
 * apart somewhere: Kolmogorov's limit at Stephens' argument, which is close from en = nm / (n + m) of 4 on (Stephens, "Use
 * of the Kolmogorov-Smirnov, Cramér-von Mises and related statistics without extensive tables", 1970). Ties make it smaller.
 */
export function kolmogorovTail(distance: number, n: number, m: number): number {
  const root = Math.sqrt((n * m) / (n + m));
  return limitTail((root + 0.12 + 0.11 / root) * distance);
}

/** 1 − K(λ): scipy.special.kolmogorov. */
function limitTail(lambda: number): number {
  if (Number.isNaN(lambda)) return NaN;
  if (lambda <= 0.04) return 1;
  let sum = 0;
  if (lambda < meeting) {
    for (let k = 1; k <= 7; k += 2) sum += Math.exp(-((k * Math.PI) ** 2) / (8 * lambda ** 2));
    return 1 - (Math.sqrt(2 * Math.PI) / lambda) * sum;
  }
  for (let k = 1; k <= 4; k++) sum -= (-1) ** k * Math.exp(-2 * (k * lambda) ** 2);
  return 2 * sum;
}
