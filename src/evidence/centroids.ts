import type { Matrix } from './matrix.ts';

/** The class whose mean is nearest to each tested sample: sklearn.neighbors.NearestCentroid. Classes that were not trained on are never given. */
export function predictByCentroid(
  { values, columns }: Matrix,
  classes: ArrayLike<number>,
  classCount: number,
  train: Uint32Array,
  test: Uint32Array,
): Float64Array<ArrayBuffer> {
  const centroids = new Float64Array(classCount * columns);
  const counts = new Uint32Array(classCount);
  for (const sample of train) {
    const label = classes[sample];
    counts[label] += 1;
    for (let j = 0; j < columns; j++) centroids[label * columns + j] += values[sample * columns + j];
  }
  for (let label = 0; label < classCount; label++) {
    for (let j = 0; j < columns; j++) centroids[label * columns + j] /= counts[label];
  }
  return Float64Array.from(test, (sample) => {
    let best = -1;
    let least = Infinity;
    for (let label = 0; label < classCount; label++) {
      let sum = 0;
      for (let j = 0; j < columns; j++) sum += (values[sample * columns + j] - centroids[label * columns + j]) ** 2;
      if (sum < least) {
        least = sum;
        best = label;
      }
    }
    return best;
  });
}
