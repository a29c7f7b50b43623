/**
 * P-values corrected for how many there are, so that the false discovery rate is controlled: scipy.stats.false_discovery_control
 * (Benjamini and Hochberg, "Controlling the false discovery rate", 1995). NaN is no test, and stays.
 */
export function correctForMany(pValues: readonly number[]): number[] {
  const order = pValues.map((_, at) => at).filter((at) => !Number.isNaN(pValues[at]));
  order.sort((a, b) => pValues[b] - pValues[a]);
  const corrected = [...pValues];
  let least = 1;
  order.forEach((at, fromLargest) => {
    least = Math.min(least, (pValues[at] * order.length) / (order.length - fromLargest));
    corrected[at] = least;
  });
  return corrected;
}
