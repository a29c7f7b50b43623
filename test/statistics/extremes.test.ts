/** Very large, very small and far numbers against exact arithmetic, as test/fixtures/extremes.py recorded it. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { carriedOut, float64 } from '../run-call.ts';

interface Case {
  call: { normalizer: Record<string, unknown>; data: number[]; sample_weight?: number[] };
  output: number[];
  tolerance: number;
  lambda?: number;
}

interface Described {
  data: number[];
  mean: number;
  variance: number | 'Infinity';
  skewness: number;
  kurtosis: number;
}

const path = new URL('../fixtures/extremes.json', import.meta.url);
const { cases, described } = JSON.parse(readFileSync(path, 'utf8')) as { cases: Case[]; described: Described[] };

const largest = (values: readonly number[]) => Math.max(...values.map(Math.abs));

for (const { call, output, tolerance, lambda } of cases) {
  const { normalizer, data, sample_weight } = call;
  const weights = sample_weight ? `, weights ${sample_weight.slice(0, 3).join()}` : '';
  test(`${JSON.stringify(normalizer)} of ${data.slice(0, 4).join()}${weights}, and back`, async () => {
    const shape = normalizer.axis === 0 ? [data.length, 1] : [data.length];
    const tensor = float64(shape, data);
    const sampleWeight = sample_weight && Float64Array.from(sample_weight);
    const { data: got, fitted } = await carriedOut({ normalizer, sampleWeight }, tensor);
    if (lambda !== undefined) {
      const [found] = fitted?.parameters.lambdas ?? [];
      assert.ok(Math.abs(found - lambda) < 1e-4 * Math.max(1, Math.abs(lambda)), `λ is ${found}, not ${lambda}`);
    }
    const allowed = tolerance * Math.max(largest(output), Number.MIN_VALUE);
    output.forEach((expected, at) => {
      assert.ok(Math.abs(got[at] - expected) <= allowed, `${at}: ${got[at]}, expected ${expected}`);
    });
    const back = (await carriedOut({ operation: 'inverse-transform', fitted }, float64(shape, got))).data;
    if (fitted?.parameters.norms?.includes(Infinity) && output.includes(0)) return;
    const rounding = 1e-12 * largest(data) + 2 * Number.MIN_VALUE;
    data.forEach((value, at) => {
      assert.ok(Math.abs(back[at] - value) <= rounding, `${value} comes back as ${back[at]}`);
    });
  });
}

for (const { data, mean, variance, skewness, kurtosis } of described) {
  test(`describe ${data.join()}`, async () => {
    const { statistics } = await carriedOut(
      { operation: 'describe', statistics: { ddof: 1 } },
      float64([data.length], data),
    );
    const found = statistics?.input?.description;
    assert.ok(found);
    assert.ok(Math.abs(found.mean[0] / mean - 1) < 1e-14);
    if (variance === 'Infinity') assert.equal(found.variance[0], Infinity);
    else assert.ok(Math.abs(found.variance[0] / variance - 1) < 1e-14 || found.variance[0] < 2 ** -1022);
    assert.ok(Math.abs(found.skewness[0] - skewness) < 1e-14, `${found.skewness[0]}`);
    assert.ok(Math.abs(found.kurtosis[0] - kurtosis) < 1e-13, `${found.kurtosis[0]}`);
  });
}

test('a histogram of a range beyond the largest double has even bins, along rows and columns', async () => {
  const values = [-1.7e308, -0.9e308, -0.1e308, 0.1e308, 0.2e308, 1.7e308];
  for (const axis of [null, 0]) {
    const statistics = { axis, histogram: { bins: 4 } };
    const outcome = await carriedOut({ operation: 'describe', statistics }, float64([6, 1], values));
    const histogram = outcome.statistics?.input?.histogram;
    assert.deepEqual([...(histogram?.counts ?? [])], [2, 1, 2, 1]);
    [-1.7e308, -0.85e308, 0, 0.85e308, 1.7e308].forEach((edge, at) => {
      assert.ok(Math.abs((histogram?.edges[at] ?? NaN) - edge) <= 1e293, `edge ${at}`);
    });
  }
});
