/** The share of predictions that are right. */
export function accuracy(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  let right = 0;
  for (let i = 0; i < predicted.length; i++) if (predicted[i] === actual[i]) right += 1;
  return right / predicted.length;
}

/**
 * The coefficient of determination, R² = 1 − Σ(y − ŷ)² / Σ(y − ȳ)², as sklearn.metrics.r2_score: 0 is what the mean
 * predicts; NaN for fewer than two numbers.
 */
export function r2(predicted: ArrayLike<number>, actual: ArrayLike<number>): number {
  const n = actual.length;
  if (n < 2) return Number.NaN;
  let mean = 0;
  for (let i = 0; i < n; i++) mean += actual[i] / n;
  let [residual, total] = [0, 0];
  for (let i = 0; i < n; i++) {
    residual += (actual[i] - predicted[i]) ** 2;
    total += (actual[i] - mean) ** 2;
  }
  if (total === 0) return residual === 0 ? 1 : 0;
  return 1 - residual / total;
}
