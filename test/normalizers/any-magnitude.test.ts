/** What holds for numbers of any magnitude, with any weights and any number of rows. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { mergeFitted } from '#normalizers/merge-fitted.ts';
import { carriedOut, float64, type Outcome } from '../run-call.ts';

const scalable = [
  { method: 'zscore' },
  { method: 'zscore', ddof: 1 },
  { method: 'minmax' },
  { method: 'maxabs' },
  { method: 'mean_range' },
  { method: 'robust' },
  { method: 'quantile', n_quantiles: 5 },
  { method: 'power', power_method: 'box-cox', standardize: true },
  ...[0.5, 1, 2, 3, 600, -1, -600, 'inf', '-inf', 'rms'].map((order) => ({ method: 'norm', axis: 0, order })),
];

/** Distinct whole numbers: times a power of two they are exact down to the least double. */
const wholes = fc.uniqueArray(fc.integer({ min: 1, max: 1_000_000 }), { minLength: 4, maxLength: 30 });

async function outputOf(normalizer: object, values: readonly number[], weights?: readonly number[]): Promise<Outcome> {
  const sampleWeight = weights && Float64Array.from(weights);
  return carriedOut({ normalizer, sampleWeight }, float64([values.length, 1], values));
}

function assertClose(got: Float64Array, expected: Float64Array, tolerance: number): void {
  const allowed = tolerance * expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  expected.forEach((value, at) => assert.ok(Math.abs(got[at] - value) <= allowed, `${at}: ${got[at]}, not ${value}`));
}

describe('data times a power of two give the same output', () => {
  for (const normalizer of scalable) {
    // The search of a power has its own tolerance.
    const tolerance = normalizer.method === 'power' ? 1e-5 : 1e-12;
    // Landmarks between the least numbers are rounded: they are parameters.
    const min = normalizer.method === 'quantile' ? -1000 : -1074;
    test(JSON.stringify(normalizer), async () => {
      await fc.assert(
        fc.asyncProperty(wholes, fc.integer({ min, max: 1003 }), async (values, exponent) => {
          const scaled = values.map((value) => value * 2 ** exponent);
          const [plain, other] = [await outputOf(normalizer, values), await outputOf(normalizer, scaled)];
          assertClose(other.data, plain.data, tolerance);
        }),
        { numRuns: 60 },
      );
    });
  }
});

test('weighted quantiles of data times a power of two give the same output', async () => {
  await fc.assert(
    // Means of two values are exact down to half the least of them.
    fc.asyncProperty(wholes, fc.integer({ min: -1073, max: 1003 }), async (values, exponent) => {
      const weights = values.map((_, at) => 1 + (at % 3));
      const scaled = values.map((value) => value * 2 ** exponent);
      const plain = await outputOf({ method: 'robust' }, values, weights);
      assertClose((await outputOf({ method: 'robust' }, scaled, weights)).data, plain.data, 1e-12);
    }),
    { numRuns: 60 },
  );
});

describe('rows that are repeated, or weights that are all multiplied, change nothing', () => {
  const offsets = fc.constantFrom(0, 1e6, 1e12, 1e15);
  const rows = fc
    .tuple(offsets, fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 2, maxLength: 12 }))
    .map(([offset, values]) => values.map((value) => offset + value));

  for (const method of ['zscore', 'mean_range']) {
    test(`${method}, rows repeated`, async () => {
      await fc.assert(
        fc.asyncProperty(rows, fc.integer({ min: 2, max: 40 }), async (values, times) => {
          const once = await outputOf({ method }, values);
          const often = await outputOf({ method }, Array.from({ length: times }, () => values).flat());
          assertClose(often.data.subarray(0, values.length), once.data, 1e-9);
          assert.deepEqual(
            often.warnings?.map(({ code }) => code),
            once.warnings?.map(({ code }) => code),
          );
        }),
        { numRuns: 60 },
      );
    });

    test(`${method}, weights multiplied`, async () => {
      await fc.assert(
        fc.asyncProperty(rows, fc.integer({ min: -1050, max: 1000 }), async (values, exponent) => {
          const weights = values.map((_, at) => 1 + (at % 3));
          const plain = await outputOf({ method }, values, weights);
          const scaled = await outputOf(
            { method },
            values,
            weights.map((weight) => weight * 2 ** exponent),
          );
          assertClose(scaled.data, plain.data, 1e-9);
        }),
        { numRuns: 60 },
      );
    });
  }
});

test('documents of parts merge to what one fit gives, at any magnitude', async () => {
  await fc.assert(
    fc.asyncProperty(wholes, fc.integer({ min: -1060, max: 1003 }), async (values, exponent) => {
      const scaled = values.map((value) => value * 2 ** exponent);
      for (const normalizer of scalable.filter(({ method }) => ['zscore', 'mean_range', 'norm'].includes(method))) {
        const whole = await outputOf(normalizer, scaled);
        const parts = [scaled.slice(0, 2), scaled.slice(2, 3), scaled.slice(3)];
        if ('ddof' in normalizer) continue;
        const documents = [];
        for (const part of parts) {
          const { fitted } = await carriedOut({ operation: 'fit', normalizer }, float64([part.length, 1], part));
          assert.ok(fitted);
          documents.push(fitted);
        }
        const merged = mergeFitted(documents);
        const applied = await carriedOut(
          { operation: 'transform', fitted: merged },
          float64([scaled.length, 1], scaled),
        );
        assertClose(applied.data, whole.data, 1e-11);
      }
    }),
    { numRuns: 40 },
  );
});

describe('no NaN and no infinity comes out of a number without a warning', () => {
  const anything = fc.array(
    fc.oneof(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      fc.integer({ min: -5, max: 5 }),
      fc.constantFrom(1e308, -1e308, 5e-324, 1e200, 1e-200),
    ),
    { minLength: 2, maxLength: 8 },
  );
  const told = ['overflow', 'outside_domain', 'all_nan_slices'];

  function assertTold({ data, warnings }: Outcome, what: string): void {
    if (data.every(Number.isFinite)) return;
    const codes = warnings?.map(({ code }) => code) ?? [];
    assert.ok(
      codes.some((code) => told.includes(code)),
      `${what}: ${[...data]} with ${codes.join()}`,
    );
  }

  for (const normalizer of [
    ...['zscore', 'minmax', 'maxabs', 'mean_range', 'robust', 'quantile', 'power'].map((method) => ({ method })),
    { method: 'minmax', feature_range: [-1e300, 1e300] },
    { method: 'affine', rescale: 1e200, axis: null },
    { method: 'norm', axis: 0 },
    { method: 'norm', axis: 0, order: 'rms' },
    { method: 'zscore', epsilon: 1e-5 },
    { method: 'whiten' },
    ...['log', 'log1p', 'symlog', 'asinh'].map((kind) => ({ method: 'log', kind, nan_policy: 'omit' })),
  ]) {
    test(JSON.stringify(normalizer), async () => {
      await fc.assert(
        fc.asyncProperty(anything, anything, async (fittedOn, others) => {
          const first = await outputOf(normalizer, fittedOn);
          assertTold(first, 'fit and transform');
          const tensor = float64([others.length, 1], others);
          const { fitted } = first;
          assertTold(await carriedOut({ operation: 'transform', fitted }, tensor), 'transform');
          assertTold(await carriedOut({ operation: 'inverse-transform', fitted }, tensor), 'inverse');
        }),
        { numRuns: 80 },
      );
    });
  }
});

test('one sample of millions needs a unit, and the others keep their bits', async () => {
  const samples = 150_000;
  const values = Float64Array.from({ length: 2 * samples }, (_, at) => 1 + (at % 5));
  for (const [normalizer, expected] of [
    [{ method: 'norm' }, [Math.SQRT1_2, Math.SQRT1_2]],
    [{ method: 'zscore', axis: -1 }, [1, -1]],
  ] as const) {
    const plain = await carriedOut({ normalizer }, float64([samples, 2], values));
    const [first, second] = normalizer.method === 'norm' ? [1.5e308, 1.5e308] : [1.5e308, 0.5e308];
    const at = 2 * (samples - 3);
    const other = values.slice();
    other.set([first, second], at);
    const extreme = await carriedOut({ normalizer }, float64([samples, 2], other));
    assertClose(extreme.data.subarray(at, at + 2), Float64Array.from(expected), 1e-15);
    assert.ok(extreme.data.subarray(0, at).every((value, index) => value === plain.data[index]));
    assert.equal(plain.fitted?.parameters.unit, undefined);
    const { unit = new Float64Array(0) } = extreme.fitted?.parameters ?? {};
    assert.deepEqual([unit.length, unit[0]], [samples, 1]);
    const { fitted } = extreme;
    const back = await carriedOut({ operation: 'inverse-transform', fitted }, float64([samples, 2], extreme.data));
    assert.ok(back.data.every((value, index) => Math.abs(value / other[index] - 1) < 1e-15));
  }
});
