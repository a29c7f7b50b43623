import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { correctForMany } from '#statistics/drift/benjamini-hochberg.ts';
import { cdfSketchFromBytes, cdfSketchToBytes, createCdfSketch, rankError } from '#statistics/drift/cdf-sketch.ts';
import { chiSquaredTail } from '#statistics/drift/chi-squared.ts';
import { distancesTo } from '#statistics/drift/distance.ts';
import { kolmogorovTail } from '#statistics/drift/kolmogorov.ts';
import { outOfRangeTail, sharesTail } from '#statistics/drift/rare-events.ts';

type Place = [count: number, step: number, prime: number, shape: keyof typeof shapes];

/** Recorded from SciPy by test/fixtures/drift.py. */
const recorded = JSON.parse(readFileSync(new URL('../../fixtures/drift.json', import.meta.url), 'utf8')) as {
  chi_squared: [number, number, number][];
  kolmogorov: [number, number, number, number][];
  false_discovery: [number[], number[]];
  outside: [number, number, number, number][];
  shares: [number, number, number, number, number][];
  distances: { name: string; fitted: Place; batch: Place; ks: number; wasserstein: number }[];
};

const shapes = {
  even: (x: number) => x,
  skewed: (x: number) => x * x * x * 10 - x,
  whole: (x: number) => Math.floor(x * 40),
};

function sorted([count, step, prime, shape]: Place): Float64Array {
  return Float64Array.from({ length: count }, (_, at) => shapes[shape]((((at + 1) * step) % prime) / prime)).sort();
}

function assertClose(value: number, expected: number, relative: number, message: string): void {
  assert.ok(Math.abs(value - expected) <= relative * Math.abs(expected), `${message}: ${value}, not ${expected}`);
}

test('the tail of χ² is that of SciPy, from the middle to 1e-60', () => {
  for (const [x, df, tail] of recorded.chi_squared) assertClose(chiSquaredTail(x, df), tail, 1e-12, `${x}, df ${df}`);
  assert.deepEqual([chiSquaredTail(0, 3), chiSquaredTail(-1, 3), chiSquaredTail(1, 0)], [1, 1, 0]);
});

test("Kolmogorov's tail is that of SciPy", () => {
  for (const [d, n, m, tail] of recorded.kolmogorov) {
    const found = kolmogorovTail(d, n, m);
    assert.ok(Math.abs(found - tail) <= 1e-12 + 1e-10 * tail, `${d}, ${n}, ${m}: ${found}, not ${tail}`);
  }
});

test('p-values are corrected as scipy.stats.false_discovery_control corrects them, and NaN is no test', () => {
  const [given, expected] = recorded.false_discovery;
  correctForMany(given).forEach((p, at) => assertClose(p, expected[at], 1e-14, String(given[at])));
  assert.deepEqual(correctForMany([Number.NaN, 0.01, Number.NaN, 0.5]), [Number.NaN, 0.02, Number.NaN, 0.5]);
});

test('the tail of values out of range is that of the beta-binomial distribution', () => {
  for (const [k, n, m, tail] of recorded.outside)
    assertClose(outOfRangeTail(k, n, m), tail, 1e-9, `${k} of ${n}, ${m}`);
});

test('two shares are compared as a 2 × 2 table with the correction of Yates is', () => {
  for (const [a, n, b, m, p] of recorded.shares) assertClose(sharesTail(a, n, b, m), p, 1e-9, `${a}/${n}, ${b}/${m}`);
});

for (const { name, fitted, batch, ks, wasserstein } of recorded.distances) {
  test(`distances of ${name} are those of SciPy, within the error of the sketch`, () => {
    const sketch = createCdfSketch(sorted(fitted));
    const found = distancesTo(sketch, sorted(batch));
    const isExact = rankError(sketch) === 0;
    assert.ok(Math.abs(found.ks - ks) <= (isExact ? 1e-12 : 0.002), `ks ${found.ks}, not ${ks}`);
    const difference = Math.abs(found.wasserstein - wasserstein);
    assert.ok(difference <= (isExact ? 1e-9 : 0.002), `wasserstein ${found.wasserstein}, not ${wasserstein}`);
  });
}

test('a sketch has at most 4 KB, and comes back from its bytes', () => {
  for (const place of [...recorded.distances.map(({ fitted }) => fitted), [0, 1, 3, 'even'] as Place]) {
    const sketch = createCdfSketch(sorted(place));
    const bytes = cdfSketchToBytes(sketch);
    assert.ok(bytes.length <= 4096, `${bytes.length} bytes`);
    assert.deepEqual(cdfSketchFromBytes(bytes), sketch);
  }
});

test('bytes that are no sketch are refused', () => {
  const bytes = cdfSketchToBytes(createCdfSketch(Float64Array.of(1, 2, 3)));
  const numbers = new Float64Array(bytes.buffer);
  for (const [at, value] of [
    [0, 1],
    [1, -1],
    [2, 9],
    [4, 5],
    [5, 9],
    [9, 0.5],
    [4, Number.NaN],
  ]) {
    const bad = numbers.slice();
    bad[at] = value;
    assert.throws(() => cdfSketchFromBytes(new Uint8Array(bad.buffer)), RangeError, `${value} at ${at}`);
  }
  assert.throws(() => cdfSketchFromBytes(bytes.subarray(8)), RangeError);
});
