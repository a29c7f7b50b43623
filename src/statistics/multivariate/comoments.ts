import { doublesAt, kernels, allocate, withScratch } from '#kernels/kernels.ts';
import type { Reduction, State } from '#statistics/reduction.ts';
import { field } from '#statistics/reduction.ts';

/** Samples whose products are summed before their mean and that of all before them meet. */
const maxTogether = 512;

/** What is read past the last feature. */
const spareFeatures = 4;

const fields = ['count', 'nan', 'mean'];

/**
 * Count and mean of each slice, and the co-moment Σ (x − mean)(y − mean) of each pair of slices, as a lower triangle. They
 * are merged by Chan's formula (Chan, Golub, LeVeque 1983), for pairs as for squares. A sample with a NaN is left out.
 */
export const comoments: Reduction = {
  name: 'comoments',
  fields,
  empty: [0, 0, 0],
  hasPairs: true,
  add() {
    throw new Error('Co-moments are summed over whole samples');
  },
  addSamples(x, rows, slices, state) {
    addComplete(x, withoutIncomplete(x, rows, slices, state), slices, state);
  },
  merge(slices, from, _, into) {
    const [count, , mean, pairs] = addressesOf(from, slices);
    withScratch(() => {
      meet(into, slices, doublesAt(count, 1)[0], mean, () =>
        kernels.add_values(pairs, (slices * (slices + 1)) / 2, addressesOf(into, slices)[3]),
      );
    });
    const nan = doublesAt(addressesOf(into, slices)[1], slices);
    doublesAt(addressesOf(from, slices)[1], slices).forEach((more, at) => (nan[at] += more));
  },
};

/** The same, but a NaN makes every moment NaN. */
export const comomentsWithNan: Reduction = {
  ...comoments,
  addSamples(x, rows, slices, state) {
    countNan(x, rows, slices, state);
    addComplete(x, rows, slices, state);
  },
};

/** The covariance matrix, divisor n, row-major. */
export function covarianceOf(state: State): Float64Array<ArrayBuffer> {
  const { slices, values } = state;
  const [count] = field(comoments, state, 'count');
  const covariance = new Float64Array(slices * slices);
  for (let i = 0, at = fields.length * slices; i < slices; i++) {
    for (let j = 0; j <= i; j++, at++) {
      covariance[i * slices + j] = values[at] / count;
      covariance[j * slices + i] = values[at] / count;
    }
  }
  return covariance;
}

/** Where count, NaN, mean and the triangle begin. */
function addressesOf(state: number, slices: number): [count: number, nan: number, mean: number, pairs: number] {
  return [state, state + slices * 8, state + slices * 16, state + slices * 24];
}

/** Moves samples without NaN together, counts the NaN of the others, and gives how many are left. */
function withoutIncomplete(x: number, rows: number, slices: number, state: number): number {
  const values = doublesAt(x, rows * slices);
  const nan = doublesAt(addressesOf(state, slices)[1], slices);
  let kept = 0;
  for (let row = 0; row < rows; row++) {
    const sample = values.subarray(row * slices, (row + 1) * slices);
    let isComplete = true;
    for (let slice = 0; slice < slices; slice++) {
      if (!Number.isNaN(sample[slice])) continue;
      nan[slice]++;
      isComplete = false;
    }
    if (!isComplete) continue;
    if (kept !== row) values.set(sample, kept * slices);
    kept++;
  }
  return kept;
}

function countNan(x: number, rows: number, slices: number, state: number): void {
  const nan = doublesAt(addressesOf(state, slices)[1], slices);
  doublesAt(x, rows * slices).forEach((value, at) => {
    if (Number.isNaN(value)) nan[at % slices]++;
  });
}

function addComplete(x: number, rows: number, slices: number, state: number): void {
  for (let row = 0; row < rows; row += maxTogether)
    addTogether(x + row * slices * 8, Math.min(maxTogether, rows - row), slices, state);
}

function addTogether(x: number, rows: number, slices: number, state: number): void {
  withScratch(() => {
    const stride = rows + (rows & 1);
    const byFeature = allocate((slices + spareFeatures) * stride * 8);
    doublesAt(byFeature, (slices + spareFeatures) * stride).fill(0);
    kernels.by_feature(x, rows, slices, byFeature, stride);
    const shift = allocate(slices * 8);
    const mean = allocate(slices * 8);
    // Around the first sample, so that a large offset costs no digits; then around the mean.
    const first = doublesAt(x, slices).slice();
    doublesAt(shift, slices).set(first.map((value) => -value));
    kernels.shift_features(byFeature, slices, stride, rows, shift);
    kernels.feature_sums(byFeature, slices, stride, rows, mean);
    const means = doublesAt(mean, slices);
    doublesAt(shift, slices).set(means.map((sum) => -sum / rows));
    kernels.shift_features(byFeature, slices, stride, rows, shift);
    means.set(means.map((sum, at) => first[at] + sum / rows));
    meet(state, slices, rows, mean, () =>
      kernels.add_products(byFeature, slices, stride, addressesOf(state, slices)[3]),
    );
  });
}

/** Adds samples with a mean of their own, whose products around it `addPairs` adds. */
function meet(state: number, slices: number, count: number, mean: number, addPairs: () => void): void {
  const [counts, , means, pairs] = addressesOf(state, slices);
  const seen = doublesAt(counts, 1)[0];
  if (count === 0) return;
  const total = seen + count;
  const delta = allocate(slices * 8);
  const deltas = doublesAt(delta, slices);
  deltas.set(doublesAt(mean, slices));
  const known = doublesAt(means, slices);
  if (seen > 0) for (let at = 0; at < slices; at++) deltas[at] -= known[at];
  addPairs();
  if (seen > 0) kernels.add_outer(delta, slices, (seen * count) / total, pairs);
  for (let at = 0; at < slices; at++) known[at] = seen > 0 ? known[at] + deltas[at] * (count / total) : deltas[at];
  doublesAt(counts, slices).fill(total);
}
