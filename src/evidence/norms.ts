import type { Matrix } from './matrix.ts';

/** Sums of squares between these are as exact as their terms: none has left a double's range. */
const safe = { least: 1e-280, most: 1e280 };

/** The L2 norm of each row, scaled where a square would leave a double's range. */
export function rowNorms({ values, rows, columns }: Matrix): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: rows }, (_, i) => {
    const row = values.subarray(i * columns, (i + 1) * columns);
    let sum = 0;
    for (let j = 0; j < columns; j++) sum += row[j] * row[j];
    return sum > safe.least && sum < safe.most ? Math.sqrt(sum) : scaledNorm(row);
  });
}

function scaledNorm(row: Float64Array): number {
  const largest = row.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  if (largest === 0 || largest === Infinity) return largest;
  return largest * Math.sqrt(row.reduce((sum, value) => sum + (value / largest) ** 2, 0));
}

/** How much the samples' norms differ. */
export interface NormSpread {
  min: number;
  median: number;
  max: number;
  /** The deviation relative to the mean. */
  variation: number;
}

export function spreadOf(norms: Float64Array): NormSpread {
  const sorted = norms.slice().sort();
  const mean = sorted.reduce((sum, norm) => sum + norm / sorted.length, 0);
  const variance = sorted.reduce((sum, norm) => sum + (norm - mean) ** 2 / sorted.length, 0);
  return {
    min: sorted[0],
    median: sorted[Math.floor(sorted.length / 2)],
    max: sorted[sorted.length - 1],
    variation: mean === 0 ? 0 : Math.sqrt(variance) / mean,
  };
}

/**
 * How well one number per sample tells each class from the others: the area under the ROC curve, as
 * sklearn.metrics.roc_auc_score of one class against the rest. 0.5 is a coin, 0 and 1 are perfect.
 * @returns NaN for a class that has no samples, or all
 */
export function aucPerClass(scores: Float64Array, classes: ArrayLike<number>, classCount: number): number[] {
  const order = Uint32Array.from(scores.keys()).sort((a, b) => scores[a] - scores[b]);
  const rankSums = new Float64Array(classCount);
  const counts = new Uint32Array(classCount);
  for (let first = 0, next = 0; first < order.length; first = next) {
    while (next < order.length && scores[order[next]] === scores[order[first]]) next++;
    const rank = (first + next + 1) / 2;
    for (let i = first; i < next; i++) {
      rankSums[classes[order[i]]] += rank;
      counts[classes[order[i]]] += 1;
    }
  }
  return Array.from(rankSums, (sum, label) => {
    const count = counts[label];
    return (sum - (count * (count + 1)) / 2) / (count * (order.length - count));
  });
}

/**
 * How far the area under the curve is from that of a coin, in the deviations that chance gives it (Mann and Whitney 1947).
 */
export function aucDeviations(auc: number, positives: number, total: number): number {
  const negatives = total - positives;
  return Math.abs(auc - 0.5) / Math.sqrt((total + 1) / (12 * positives * negatives));
}
