import { doublesAt, fillDoubles, kernels, allocate, withScratch } from '#kernels/kernels.ts';
import { columnMeans, columnVariances, type Matrix } from './matrix.ts';

/** Neighbors that vote: the default of scikit-learn. */
export const neighborCount = 5;

/** Columns whose squares are summed before the sum is compared with the distance to beat. Equals STRETCH of the kernel. */
const stretchLength = 16;

/** Values of the training samples that are compared with all queries before the next: as many as the cache holds. */
const blockValues = 2 ** 15;

/**
 * The columns in stretches, those of the largest variance first: most distances are then known to be too large after a
 * part of the columns.
 */
export function orderStretches(x: Matrix, train: Uint32Array): Uint32Array {
  const variances = columnVariances(x, train, columnMeans(x, train));
  const starts = Uint32Array.from({ length: Math.ceil(x.columns / stretchLength) }, (_, i) => i * stretchLength);
  const spread = (start: number) =>
    variances.subarray(start, start + stretchLength).reduce((sum, variance) => sum + variance, 0);
  return starts.sort((a, b) => spread(b) - spread(a) || a - b);
}

/**
 * The `k` training samples next to each query by Euclidean distance, nearest first; of equally near ones those that stand
 * first. One row of `k` sample numbers per query.
 */
export function findNearest(
  x: Matrix,
  train: Uint32Array,
  queries: Uint32Array,
  k: number,
  stretches: Uint32Array,
): Uint32Array<ArrayBuffer> {
  return withScratch(() => {
    const width = stretches.length * stretchLength;
    const rowBytes = width * 8;
    const blockRows = Math.max(1, Math.floor(blockValues / width));
    const block = allocate(Math.min(blockRows, train.length) * rowBytes);
    const asked = allocate(queries.length * rowBytes);
    const order = allocate(stretches.byteLength);
    const distances = allocate(queries.length * k * 8);
    const found = allocate(queries.length * k * 4);
    placeRows(x, queries, asked, width);
    wordsAt(order, stretches.length).set(stretches);
    fillDoubles(distances, queries.length * k, Infinity);
    for (let first = 0; first < train.length; first += blockRows) {
      const rows = train.subarray(first, first + blockRows);
      placeRows(x, rows, block, width);
      for (let q = 0; q < queries.length; q++) {
        const nearest = [distances + q * k * 8, found + q * k * 4] as const;
        const query = asked + q * rowBytes;
        kernels.nearest_rows(block, rows.length, width, first, query, order, stretches.length, k, ...nearest);
      }
    }
    return Uint32Array.from(wordsAt(found, queries.length * k), (position) => train[position]);
  });
}

/** Copies rows to the kernels' memory, each with zeros up to `width`. */
function placeRows({ values, columns }: Matrix, rows: Uint32Array, address: number, width: number): void {
  const to = doublesAt(address, rows.length * width);
  if (width > columns) to.fill(0);
  rows.forEach((row, i) => to.set(values.subarray(row * columns, (row + 1) * columns), i * width));
}

function wordsAt(address: number, length: number): Uint32Array {
  return new Uint32Array(kernels.memory.buffer, address, length);
}

/** The class that most neighbors have, the first of those that are as frequent: sklearn.neighbors.KNeighborsClassifier. */
export function voteClasses(
  neighbors: Uint32Array,
  k: number,
  classes: ArrayLike<number>,
  classCount: number,
): Float64Array<ArrayBuffer> {
  const votes = new Uint32Array(classCount);
  return Float64Array.from({ length: neighbors.length / k }, (_, q) => {
    votes.fill(0);
    for (let i = q * k; i < (q + 1) * k; i++) votes[classes[neighbors[i]]] += 1;
    return votes.indexOf(Math.max(...votes));
  });
}

/** The mean of the neighbors' targets: sklearn.neighbors.KNeighborsRegressor. */
export function averageTargets(neighbors: Uint32Array, k: number, targets: Float64Array): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length: neighbors.length / k }, (_, q) => {
    let sum = 0;
    for (let i = q * k; i < (q + 1) * k; i++) sum += targets[neighbors[i]];
    return sum / k;
  });
}
