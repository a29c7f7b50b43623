import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { doublesAt, kernels, copyIn, withScratch } from '#kernels/kernels.ts';
import { type Kind, meanOf, mode, powerStep, transform, varianceOf } from './power-step.ts';

/** What fixtures/power.py records: y of x, and x again of those y whose last digit does not matter; null overflows. */
interface Recorded {
  kind: Kind;
  lambda: number;
  x: number[];
  y: (number | null)[];
  firm: number[];
  back: (number | null)[];
}

const { transforms }: { transforms: Recorded[] } = JSON.parse(
  readFileSync(new URL('../fixtures/power.json', import.meta.url), 'utf8'),
);

function assertClose(got: number, expected: number, relative: number, what: string): void {
  if (got === expected) return;
  assert.ok(Math.abs(got - expected) <= relative * Math.abs(expected), `${what}: ${got}, expected ${expected}`);
}

describe('power_step', () => {
  test('equals the exact values to 1e-12', () => {
    for (const { kind, lambda, x, y } of transforms) {
      for (const [at, got] of powerStep(transform[kind].forward, x, [lambda]).entries()) {
        const what = `${kind} of ${x[at]} under ${lambda}`;
        const overflow = x[at] < 0 || (kind === 'box-cox' && lambda < 0) ? -Infinity : Infinity;
        assertClose(got, y[at] ?? overflow, 1e-12, what);
      }
    }
  });

  test('inverts them to 1e-12', () => {
    for (const { kind, lambda, firm, back } of transforms) {
      for (const [at, got] of powerStep(transform[kind].inverse, firm, [lambda]).entries()) {
        assertClose(got, back[at] ?? Infinity * Math.sign(firm[at]), 1e-12, `${kind} to ${firm[at]} under ${lambda}`);
      }
    }
  });

  test('is undone by its inverse', () => {
    // Where log(1 + |x|) times the rate is large, x hangs on the last digits of y.
    const rate = fc.double({ min: -6, max: 6, noNaN: true });
    const size = fc.double({ min: 0, max: 5, noNaN: true });
    fc.assert(
      fc.property(
        rate,
        size,
        fc.boolean(),
        fc.constantFrom<Kind>('yeo-johnson', 'box-cox'),
        (lambda, log, below, kind) => {
          const extent = log / (2 + Math.abs(lambda));
          const x = kind === 'box-cox' ? Math.exp(below ? -extent : extent) : (below ? -1 : 1) * Math.expm1(extent);
          const [y] = powerStep(transform[kind].forward, [x], [lambda]);
          const [back] = powerStep(transform[kind].inverse, [y], [lambda]);
          assert.ok(Math.abs(back - x) <= 1e-12 * Math.abs(x), `${x} became ${y} and ${back}`);
        },
      ),
      { numRuns: 5000 },
    );
  });

  test('never reverses the order of two values by more than rounding', () => {
    const any = fc.double({ min: -1e6, max: 1e6, noNaN: true });
    fc.assert(
      fc.property(any, any, fc.double({ min: -4, max: 6, noNaN: true }), (a, b, lambda) => {
        const [low, high] = powerStep(transform['yeo-johnson'].forward, [Math.min(a, b), Math.max(a, b)], [lambda]);
        assert.ok(low - high <= 1e-13 * Math.abs(high), `${low} and ${high}`);
      }),
    );
  });

  test('takes one lambda for all, one a row, or one a column, and a value whatever stands beside it', () => {
    const x = [-3, -0.5, 0, 0.1, 1e-30, 1e300, NaN, 7, 2000, -1e10, 1, -2, 40, 0.25, 8];
    const each = [-0.7, 2, 0, 1, 3.5];
    for (const kind of [0, 1, 2, 3]) {
      const one = (value: number, lambda: number): number => powerStep(kind, [value], [lambda])[0];
      assert.deepEqual(
        powerStep(kind, x, [0.4], 3),
        x.map((value) => one(value, 0.4)),
      );
      const alongRows = powerStep(kind, x, each.slice(0, 3), 3, mode.rows);
      assert.deepEqual(
        alongRows,
        x.map((value, at) => one(value, each[Math.floor(at / 5)])),
      );
      const alongColumns = powerStep(kind, x, each, 3, mode.columns);
      assert.deepEqual(
        alongColumns,
        x.map((value, at) => one(value, each[at % 5])),
      );
    }
  });

  test('writes nothing beside the tile', () => {
    withScratch(() => {
      const tile = copyIn(Float64Array.of(1, 2, 3, 4));
      kernels.power_step(0, tile, 1, 3, copyIn(Float64Array.of(0.5)), mode.all);
      assert.equal(doublesAt(tile, 4)[3], 4);
    });
  });

  test('is the identity under lambda 1, and log1p where lambda is 0', () => {
    const x = [0.1, -0.3, 1e15 + 1, -1e-300, 123456.789];
    assert.deepEqual(powerStep(0, x, [1]), x);
    assert.deepEqual(powerStep(1, x, [1]), x);
    assert.deepEqual(powerStep(2, [1e15 + 1, 3.5], [1]), [1e15, 2.5]);
    for (const [at, y] of powerStep(0, [0.1, 1e-9, 3], [0]).entries())
      assertClose(y, Math.log1p([0.1, 1e-9, 3][at]), 1e-15, '');
  });

  test('keeps NaN, infinities and the sign of zero', () => {
    assert.deepEqual(powerStep(0, [NaN, Infinity, -Infinity, 0, -0], [0.5]), [NaN, Infinity, -Infinity, 0, -0]);
    assert.deepEqual(powerStep(1, [NaN, Infinity, -Infinity, 0, -0], [0.5]), [NaN, Infinity, -Infinity, 0, -0]);
    assert.deepEqual(powerStep(0, [1, -1], [NaN]), [NaN, NaN]);
    assert.deepEqual(powerStep(2, [0, 0, -1, Infinity], [0.5]), [-2, -2, NaN, Infinity]);
    assert.deepEqual(powerStep(2, [0], [-1]), [-Infinity]);
  });

  test('has no preimage beyond the range of the transform', () => {
    assert.deepEqual(powerStep(1, [2, 1], [-1]), [NaN, Infinity]);
    assert.deepEqual(powerStep(3, [-3, -2], [0.5]), [NaN, 0]);
  });
});

describe('the sums of the likelihood', () => {
  test('are a mean and a variance of any number of values', () => {
    for (const count of [1, 2, 3, 1023, 1024, 1025, 3001]) {
      const x = Array.from({ length: count }, (_, at) => Math.sin(at * 12.9898) * 40 + 7);
      withScratch(() => {
        const logs = copyIn(Float64Array.from(x));
        const mean = kernels.power_logs(logs, count, 0, 1, 2, true);
        const expected = x.map((value) => (Math.sign(value) * Math.log1p(Math.abs(value))) / 2);
        assertClose(mean, meanOf(expected), 1e-13, 'mean');
        const y = expected.map((log) => (log >= 0 ? Math.expm1(3 * log) / 3 : -Math.expm1(-log) / 1));
        assertClose(kernels.power_variance(logs, count, 0, 3, -1), varianceOf(y), 1e-13, `variance of ${count}`);
      });
    }
  });
});
