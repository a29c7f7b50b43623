import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { mergeFitted } from '#normalizers/merge-fitted.ts';
import { methods } from '#normalizers/registry.ts';
import { carriedOut, float64 } from '../run-call.ts';
import { seeded } from '../seeded.ts';

async function fitOf(normalizer: object, columns: number, values: number[], weights?: number[]): Promise<Fitted> {
  const call = { operation: 'fit', normalizer, sampleWeight: weights && Float64Array.from(weights) } as const;
  const { fitted } = await carriedOut(call, float64([values.length / columns, columns], values));
  assert.ok(fitted);
  return fitted;
}

function assertSame(got: Fitted, expected: Fitted, tolerance: number): void {
  for (const [name, values] of Object.entries(expected.parameters)) {
    const largest = values.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
    values.forEach((value, at) => {
      const other = got.parameters[name][at];
      if (Number.isNaN(value) && Number.isNaN(other)) return;
      assert.ok(Math.abs(other - value) <= tolerance * largest, `${name}[${at}]: ${other}, expected ${value}`);
    });
  }
  assert.deepEqual(got.samplesSeen, expected.samplesSeen);
}

const mergeable = methods.filter((method) => method.mergeable && !method.composition).map((method) => method.name);

for (const method of mergeable) {
  test(`documents of ${method} fitted on parts merge to what one fit gives, NaN included`, async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(
          fc.array(fc.oneof(fc.integer({ min: -1000, max: 1000 }), fc.constant(NaN)), { minLength: 2, maxLength: 2 }),
          { minLength: 1, maxLength: 30 },
        ),
        fc.array(fc.nat(29), { maxLength: 4 }),
        async (rows, cuts) => {
          const normalizer = { method, axis: 0, nan_policy: 'omit' };
          const places = [
            0,
            ...cuts.filter((cut) => cut > 0 && cut < rows.length).toSorted((a, b) => a - b),
            rows.length,
          ];
          const parts = places
            .slice(1)
            .map((to, at) => rows.slice(places[at], to))
            .filter((part) => part.length > 0);
          const documents = [];
          for (const part of parts) documents.push(await fitOf(normalizer, 2, part.flat()));
          assertSame(mergeFitted(documents), await fitOf(normalizer, 2, rows.flat()), 1e-12);
        },
      ),
      { numRuns: 60, seed: 1 },
    );
  });
}

test('a mean of 10^8 deviations merges to 1e-12', async () => {
  const random = seeded(9);
  const values = Array.from({ length: 7000 }, () => 1e8 + random() + random() + random() - 1.5);
  const whole = await fitOf({ method: 'zscore' }, 1, values);
  const parts = [];
  for (let at = 0; at < 7000; at += 1000) parts.push(await fitOf({ method: 'zscore' }, 1, values.slice(at, at + 1000)));
  assertSame(mergeFitted(parts), whole, 1e-12);
});

test('weights merge, and a part of weightless NaN changes nothing', async () => {
  const normalizer = { method: 'zscore', nan_policy: 'omit' };
  const whole = await fitOf(normalizer, 1, [1, 5, NaN, 2], [2, 0.5, 1, 3]);
  const merged = mergeFitted([
    await fitOf(normalizer, 1, [1, 5], [2, 0.5]),
    await fitOf(normalizer, 1, [NaN], [1]),
    await fitOf(normalizer, 1, [2], [3]),
  ]);
  assertSame(merged, whole, 1e-14);
});

test('sketches of many values stay within half a percent of rank', async () => {
  const random = seeded(4);
  const values = Array.from({ length: 60_000 }, () => random() ** 4 * 1e6);
  const parts = [];
  for (let at = 0; at < 60_000; at += 7000)
    parts.push(await fitOf({ method: 'robust' }, 1, values.slice(at, at + 7000)));
  const merged = mergeFitted(parts);
  assert.equal(merged.approximate, true);
  const sorted = values.toSorted((a, b) => a - b);
  const rank = sorted.findIndex((value) => value >= merged.parameters.center[0]) / sorted.length;
  assert.ok(Math.abs(rank - 0.5) < 0.005, `${rank}`);
});
