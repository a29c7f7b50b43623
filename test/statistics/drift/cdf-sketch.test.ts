import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cdfAt, createCdfSketch, mergeCdfSketches, rankError } from '#statistics/drift/cdf-sketch.ts';
import { seeded } from '../../seeded.ts';

const numbers = fc.array(fc.oneof(fc.integer({ min: -5, max: 5 }), fc.double({ noNaN: true })), { maxLength: 40 });

const sorted = (values: readonly number[]) => Float64Array.from(values, (value) => value + 0).sort();

function shareUpTo(values: Float64Array, x: number): number {
  return values.filter((value) => value <= x).length / values.length;
}

test('of few different values a sketch is the whole distribution, in parts too', () => {
  fc.assert(
    fc.property(numbers, numbers, (a, b) => {
      const merged = mergeCdfSketches(createCdfSketch(sorted(a)), createCdfSketch(sorted(b)));
      const all = sorted([...a, ...b]);
      assert.equal(merged.count, all.length);
      for (const x of all) assert.ok(Math.abs(cdfAt(merged, x) - shareUpTo(all, x)) < 1e-12, `at ${x}`);
    }),
  );
});

test('of many values no share is farther off than the sketch says, also after a year of merging', () => {
  const random = seeded(1);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  const draws: Record<string, (day: number) => number> = {
    normal,
    heavy: () => Math.exp(2 * normal()),
    moving: (day) => normal() + day / 50,
    'half zeros': () => Math.max(0, normal()),
    counts: () => Math.round(Math.exp(6 + normal())),
  };
  for (const [name, draw] of Object.entries(draws)) {
    const days = Array.from({ length: 100 }, (_, day) => sorted(Array.from({ length: 500 }, () => draw(day))));
    const merged = days.map((day) => createCdfSketch(day)).reduce(mergeCdfSketches);
    const all = sorted(days.flatMap((day) => [...day]));
    let worst = 0;
    for (let at = 0; at < all.length; at += 97) {
      const low = all.indexOf(all[at]) / all.length;
      const high = (all.lastIndexOf(all[at]) + 1) / all.length;
      const share = cdfAt(merged, all[at]);
      worst = Math.max(worst, Math.abs(share - high), name === 'counts' ? 0 : low - share);
    }
    assert.ok(worst <= Math.max(0.005, rankError(merged)), `${name}: ${worst}, told ${rankError(merged)}`);
    assert.ok(rankError(merged) < 0.01, `${name}: ${rankError(merged)}`);
  }
});
