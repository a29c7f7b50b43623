import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { preservesOrder } from '#statistics/order-preservation.ts';

const few = fc.constantFrom(-2, 0, 0.5, 1, 3, Infinity, -Infinity, Number.NaN);
const triples = fc.array(fc.tuple(few, few, fc.constantFrom(0, 1)), { maxLength: 7 });

test('order is kept when no two values of a group change places', () => {
  fc.assert(
    fc.property(triples, (all) => {
      const [x, y] = [0, 1].map((at) => Float64Array.from(all, (one) => one[at]));
      const changes = all.some(([a, b, group]) => all.some(([c, d, other]) => group === other && a < c && b > d));
      assert.equal(
        preservesOrder(x, y, (at) => all[at][2]),
        !changes,
      );
    }),
    { numRuns: 2000 },
  );
});

test('equal values may part, and others may become equal', () => {
  assert.equal(preservesOrder(Float64Array.of(1, 1, 2), Float64Array.of(5, 4, 5)), true);
});

test('rounding in the last places is no change of places', () => {
  assert.equal(preservesOrder(Float64Array.of(1, 2), Float64Array.of(1 + 2e-16, 1)), true);
  assert.equal(preservesOrder(Float64Array.of(1, 2), Float64Array.of(1 + 1e-9, 1)), false);
});
