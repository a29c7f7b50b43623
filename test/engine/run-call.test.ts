import assert from 'node:assert/strict';
import { test } from 'node:test';
import { reducedAxes } from '#tensor/axis.ts';
import { createPool } from '#pool/pool.ts';
import { carriedOut, float64 } from '../run-call.ts';
import { seeded } from '../seeded.ts';

/** Arrays of several blocks: a block has about 2^18 elements. */
const large: { shape: number[]; axes: (number | number[] | null)[] }[] = [
  { shape: [700, 784], axes: [0, 1, null] },
  { shape: [300_001], axes: [0] },
  { shape: [2, 300_000], axes: [0, 1] },
  { shape: [3, 90, 1100], axes: [1, [0, 2], [1, 2]] },
  {
    shape: [40, 9, 1000, 2],
    axes: [
      [0, 2],
      [1, 3],
      [0, 1, 2],
    ],
  },
  { shape: [150_000, 3], axes: [0, 1] },
  { shape: [1, 2, 1, 200_000, 1], axes: [[0, 3]] },
];

/** Slices of an array by the definition of NumPy's reductions, one flat list each. */
function slicesOf(
  values: Float64Array,
  shape: number[],
  axis: number | number[] | null,
): { of: Int32Array; slices: number[][] } {
  const reduced = reducedAxes(axis, shape.length);
  const of = new Int32Array(values.length);
  const slices: number[][] = [];
  const index = shape.map(() => 0);
  for (let flat = 0; flat < values.length; flat++) {
    let slice = 0;
    for (let at = 0; at < shape.length; at++) if (!reduced[at]) slice = slice * shape[at] + index[at];
    of[flat] = slice;
    (slices[slice] ??= []).push(values[flat]);
    for (let at = shape.length - 1; at >= 0 && ++index[at] === shape[at]; at--) index[at] = 0;
  }
  return { of, slices };
}

/** A sum to the last digit or two (Neumaier 1974): the definition must not be further off than what it judges. */
function sumOf(values: number[], of: (value: number) => number): number {
  let sum = 0;
  let rest = 0;
  for (const value of values) {
    const term = of(value);
    const next = sum + term;
    rest += Math.abs(sum) >= Math.abs(term) ? sum - next + term : term - next + sum;
    sum = next;
  }
  return sum + rest;
}

function closeTo(got: ArrayLike<number>, expected: ArrayLike<number>, what: string): void {
  assert.equal(got.length, expected.length, what);
  let largest = 0;
  for (let at = 0; at < expected.length; at++) largest = Math.max(largest, Math.abs(expected[at]) || 0);
  for (let at = 0; at < expected.length; at++) {
    if (Number.isNaN(expected[at]) && Number.isNaN(got[at])) continue;
    if (!(Math.abs(got[at] - expected[at]) <= 1e-12 * largest))
      assert.fail(`${what}: at ${at} ${got[at]}, expected ${expected[at]}`);
  }
}

for (const { shape, axes } of large) {
  const random = seeded(shape.length);
  const count = shape.reduce((product, length) => product * length);
  const values = Float64Array.from({ length: count }, () => Math.floor(random() ** 3 * 1000) - 100);
  for (const axis of axes) {
    const name = `(${shape.join(', ')}) over axis ${JSON.stringify(axis)}`;
    const { of, slices } = slicesOf(values, shape, axis);
    test(`an array of several blocks, ${name}, equals the definition slice by slice`, async () => {
      const least = slices.map((slice) => slice.reduce((a, b) => Math.min(a, b)));
      const range = slices.map((slice, at) => slice.reduce((a, b) => Math.max(a, b)) - least[at]);
      const scaled = await carriedOut({ normalizer: { method: 'minmax', axis } }, float64(shape, values));
      closeTo(
        scaled.data,
        values.map((value, at) => (value - least[of[at]]) / (range[of[at]] || 1)),
        'minmax',
      );
      closeTo(scaled.fitted?.parameters.data_min ?? [], least, 'data_min');

      const norms = slices.map((slice) => Math.sqrt(sumOf(slice, (value) => value * value)) || 1);
      const divided = await carriedOut({ normalizer: { method: 'norm', axis } }, float64(shape, values));
      closeTo(
        divided.data,
        values.map((value, at) => value / norms[of[at]]),
        'norm',
      );
      closeTo(divided.fitted?.parameters.norms ?? [], norms, 'norms');

      const means = slices.map((slice) => sumOf(slice, (value) => value) / slice.length);
      const squares = slices.map((slice, at) => sumOf(slice, (value) => (value - means[at]) ** 2) / slice.length);
      const standard = await carriedOut({ normalizer: { method: 'zscore', axis } }, float64(shape, values));
      closeTo(
        standard.data,
        values.map((value, at) => (value - means[of[at]]) / (Math.sqrt(squares[of[at]]) || 1)),
        'zscore',
      );
      closeTo(standard.fitted?.parameters.var ?? [], squares, 'var');
    });

    test(`statistics of several blocks, ${name}, equal the definition slice by slice`, async () => {
      const histogram = { bins: 7 };
      const { statistics } = await carriedOut(
        { operation: 'describe', statistics: { axis, quantiles: [0, 0.5, 1], histogram } },
        float64(shape, values),
      );
      assert.ok(statistics?.input);
      const { description, quantiles, histogram: counted } = statistics.input;
      const sorted = slices.map((slice) => slice.toSorted((a, b) => a - b));
      const central = (power: number) =>
        slices.map((slice) => {
          const mean = sumOf(slice, (value) => value) / slice.length;
          return sumOf(slice, (value) => (value - mean) ** power) / slice.length;
        });
      const [second, third, fourth] = [central(2), central(3), central(4)];
      closeTo(
        description.min,
        sorted.map((slice) => slice[0]),
        'min',
      );
      closeTo(
        description.max,
        sorted.map((slice) => slice[slice.length - 1]),
        'max',
      );
      if (sorted[0].length > 1) {
        closeTo(
          description.variance,
          second.map((value, at) => (value * slices[at].length) / (slices[at].length - 1)),
          'variance',
        );
        closeTo(
          description.skewness,
          third.map((value, at) => value / second[at] ** 1.5),
          'skewness',
        );
        // The difference to 3 cancels digits: the quotient itself is what both sums give.
        closeTo(
          description.kurtosis.map((value) => value + 3),
          fourth.map((value, at) => value / second[at] ** 2),
          'kurtosis',
        );
      }
      const median = (slice: number[]) =>
        (slice[Math.floor((slice.length - 1) / 2)] + slice[Math.ceil((slice.length - 1) / 2)]) / 2;
      closeTo(
        quantiles ?? [],
        [...sorted.map((slice) => slice[0]), ...sorted.map(median), ...sorted.map((slice) => slice[slice.length - 1])],
        'quantiles',
      );
      const total = counted?.counts.reduce((sum, bin) => sum + bin, 0);
      assert.equal(total, values.length, 'every value falls into one bin');
    });
  }
}

test('the bits are the same in one thread, with one worker and with eight', async () => {
  const random = seeded(7);
  const shape = [900, 784];
  const values = Float64Array.from({ length: 900 * 784 }, () => random() ** 3 * 1e4);
  const asked = { normalizer: { method: 'zscore' }, statistics: { axis: 0, histogram: { bins: 5 } } };
  const expected = await carriedOut(asked, float64(shape, values));
  for (const workers of [1, 8]) {
    const pool = createPool(workers);
    const got = await carriedOut(asked, float64(shape, values), pool.run);
    await pool.close();
    assert.deepEqual(Buffer.from(got.data.buffer), Buffer.from(expected.data.buffer));
    assert.deepEqual(got.fitted, expected.fitted);
    assert.deepEqual(got.statistics, expected.statistics);
    assert.deepEqual(got.warnings, expected.warnings);
  }
});

test('a NaN in the last block is told with its index', async () => {
  const values = new Float64Array(700 * 784).fill(1);
  values[699 * 784 + 5] = Number.NaN;
  await assert.rejects(carriedOut({ normalizer: { method: 'minmax' } }, float64([700, 784], values)), {
    code: 'not_finite',
    message: /index \[699, 5\] is NaN/,
  });
});

test('columns of several blocks are normalized and the others pass through', async () => {
  const values = Float64Array.from({ length: 100_000 * 5 }, (_, at) => at % 977);
  const columns = [4, 1];
  const got = await carriedOut({ normalizer: { method: 'minmax', columns } }, float64([100_000, 5], values));
  values.forEach((value, at) => {
    const expected = columns.includes(at % 5) ? value / 976 : value;
    if (got.data[at] !== expected) assert.fail(`at ${at} ${got.data[at]}, expected ${expected}`);
  });
  assert.equal(got.fitted?.parameters.data_min.length, 2);
});

test('weights of several blocks count as repetitions', async () => {
  const random = seeded(3);
  const weights = Float64Array.from({ length: 200_000 }, () => Math.floor(random() * 3));
  const values = Float64Array.from({ length: 400_000 }, () => random() * 8);
  const weighted = await carriedOut(
    { normalizer: { method: 'zscore' }, sampleWeight: weights },
    float64([200_000, 2], values),
  );
  const repeated = Array.from(weights.keys()).flatMap((at) =>
    new Array(weights[at]).fill([values[2 * at], values[2 * at + 1]]).flat(),
  );
  const plain = await carriedOut({ normalizer: { method: 'zscore' } }, float64([repeated.length / 2, 2], repeated));
  closeTo(weighted.fitted?.parameters.mean ?? [], plain.fitted?.parameters.mean ?? [], 'mean');
  closeTo(weighted.fitted?.parameters.var ?? [], plain.fitted?.parameters.var ?? [], 'var');
  assert.equal(weighted.fitted?.samplesSeen, plain.fitted?.samplesSeen);
});
