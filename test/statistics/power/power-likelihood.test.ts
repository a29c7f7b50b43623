import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { minimize } from '#statistics/power/minimize.ts';
import { boxCoxLambda, yeoJohnsonLambda } from '#statistics/power/power-likelihood.ts';
import { type Kind, powerStep, transform, varianceOf } from '../../kernels/power-step.ts';

/** What fixtures/power.py records of a search: λ in 60 digits, and what SciPy's naive likelihood leads to. */
interface Recorded {
  kind: Kind;
  name: string;
  values: number[];
  lambda: number;
  /** Whether a naive likelihood will do. */
  ordinary: boolean;
  scipy: number | null;
}

const { lambdas }: { lambdas: Recorded[] } = JSON.parse(
  readFileSync(new URL('../../fixtures/power.json', import.meta.url), 'utf8'),
);

const searches = { 'yeo-johnson': yeoJohnsonLambda, 'box-cox': boxCoxLambda };

describe('the likeliest lambda', () => {
  for (const { kind, name, values, lambda, ordinary, scipy } of lambdas) {
    test(`of ${kind}, ${name}`, () => {
      const got = searches[kind](Float64Array.from(values));
      const allowed = 5e-7 * Math.max(1, Math.abs(lambda));
      assert.ok(Math.abs(got - lambda) <= allowed, `${got}, expected ${lambda}`);
      if (ordinary) assert.ok(Math.abs(got - Number(scipy)) <= 1e-5, `${got}, scipy has ${scipy}`);
    });
  }

  test('of a slice is that of its mirror image', () => {
    for (const { kind, values, lambda } of lambdas) {
      if (kind !== 'yeo-johnson') continue;
      const got = 2 - yeoJohnsonLambda(Float64Array.from(values, (value) => -value));
      assert.ok(Math.abs(got - lambda) <= 5e-7 * Math.max(1, Math.abs(lambda)), `${got}, expected ${lambda}`);
    }
  });

  test('of a constant slice is 1 under Yeo-Johnson', () => {
    for (const value of [0, -0, 3, -7.5, 1e300]) assert.equal(yeoJohnsonLambda(new Float64Array(9).fill(value)), 1);
    assert.equal(yeoJohnsonLambda(Float64Array.of(0, -0)), 1);
    assert.equal(yeoJohnsonLambda(Float64Array.of(4)), 1);
  });

  test('does not exist under Box-Cox for constants and where a value is not positive', () => {
    for (const values of [[5, 5, 5], [5], [], [0, 1, 2], [-1, 2, 3], [1, 2, Infinity]]) {
      assert.equal(boxCoxLambda(Float64Array.from(values)), NaN);
    }
  });

  test('does not exist without values or with an infinity', () => {
    for (const values of [[], [1, Infinity], [-Infinity, 1]]) {
      assert.equal(yeoJohnsonLambda(Float64Array.from(values)), NaN);
    }
  });

  test('is 1 where any other would overflow', () => {
    assert.equal(yeoJohnsonLambda(Float64Array.of(-1e250, 1e250, 3e250)), 1);
  });

  test('keeps the values finite and apart, whatever they are', () => {
    const finite = fc.double({ noNaN: true, noDefaultInfinity: true });
    fc.assert(
      fc.property(
        fc.array(finite, { minLength: 2, maxLength: 30 }),
        fc.constantFrom<Kind>('yeo-johnson', 'box-cox'),
        (x, kind) => {
          const values = kind === 'box-cox' ? x.map((value) => Math.abs(value) || 1) : x;
          const least = Math.min(...values);
          const most = Math.max(...values);
          fc.pre(most - least > 1e-12 * Math.max(Math.abs(least), Math.abs(most)));
          const y = powerStep(transform[kind].forward, [least, most], [searches[kind](Float64Array.from(values))]);
          assert.ok(Number.isFinite(y[0]) && Number.isFinite(y[1]) && y[0] < y[1], `${y[0]} and ${y[1]}`);
        },
      ),
      { numRuns: 2000 },
    );
  });
});

describe('years near 2000', () => {
  const years = [2003, 1950, 1997, 2000, 2009];

  /** The log-likelihood as it stands in the textbook. */
  function naive(lambda: number): number {
    const y = years.map((year) => (Math.pow(1 + year, lambda) - 1) / lambda);
    const slope = years.reduce((sum, year) => sum + Math.log1p(year), 0);
    return (-years.length / 2) * Math.log(varianceOf(y)) + (lambda - 1) * slope;
  }

  test('mislead a likelihood that takes the variance as it is', () => {
    assert.equal(naive(-13.1), Infinity, 'every year becomes the same number');
    assert.equal(naive(47.5), -Infinity, 'a square overflows');
    const misled = minimize((lambda) => -naive(lambda), -31.7, 31.7, 1e-8);
    assert.ok(misled < 0, `among infinite likelihoods it ends at ${misled}`);
    const unbounded = lambdas.find(({ kind, name }) => kind === 'yeo-johnson' && name === 'years')?.scipy;
    assert.ok(Math.abs(Number(unbounded) - 47.24) < 0.01, 'SciPy 1.10 stops where its variance overflows');
  });

  test('have the greatest lambda that keeps values 20 times as large, and their variance, finite', () => {
    const bound = (Math.log(Number.MAX_VALUE) + Math.log(Number.EPSILON)) / 2 / Math.log1p(20 * 2009);
    const lambda = yeoJohnsonLambda(Float64Array.from(years));
    assert.ok(Math.abs(lambda - bound) < 1e-5 && lambda < bound && Math.abs(bound - 31.78) < 0.01, `${lambda}`);
    assert.ok(Number.isFinite(varianceOf(powerStep(transform['yeo-johnson'].forward, years, [lambda]))));
  });
});
