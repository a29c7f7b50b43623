/** A power transform relative to a reference is the plain one, moved and scaled; where that cancels, it is still resolved. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { copyOfDoubles, kernels, copyIn, withScratch } from '#kernels/kernels.ts';
import { powerKinds } from '#statistics/power/power-moments.ts';
import { carriedOut, float64 } from '../run-call.ts';

type Kind = keyof typeof powerKinds;

function near(kind: Kind, x: number, lambda: number, reference: number): number {
  return withScratch(() => {
    const at = copyIn(Float64Array.of(x));
    const [lambdas, references] = [copyIn(Float64Array.of(lambda)), copyIn(Float64Array.of(reference))];
    kernels.power_near_step(powerKinds[kind], at, 1, 1, lambdas, references, 0);
    return copyOfDoubles(at, 1)[0];
  });
}

/** (e^(rate · log) − 1) / rate */
const grow = (log: number, rate: number) => (Math.abs(rate) < 1e-20 ? log : Math.expm1(rate * log) / rate);

/** By their definitions (Box and Cox 1964; Yeo and Johnson 2000). */
const plain = {
  'box-cox': (x: number, lambda: number) => grow(Math.log(x), lambda),
  'yeo-johnson': (x: number, lambda: number) =>
    x >= 0 ? grow(Math.log1p(x), lambda) : -grow(Math.log1p(-x), 2 - lambda),
};

const lambdas = fc.oneof(fc.constantFrom(0, 1, 2, -1, 0.5), fc.double({ min: -4, max: 4, noNaN: true }));
const positive = fc.double({ min: 0.01, max: 200, noNaN: true });

describe('relative to a reference', () => {
  const values = { 'box-cox': positive, 'yeo-johnson': fc.double({ min: -200, max: 200, noNaN: true }) };
  for (const kind of ['box-cox', 'yeo-johnson'] as const) {
    test(`${kind} is (ψ(x) − ψ(r)) / base^λ, and comes back`, () => {
      fc.assert(
        fc.property(values[kind], values[kind], lambdas, (x, reference, lambda) => {
          const base = kind === 'box-cox' ? reference : 1 + Math.abs(reference);
          const factor = base ** (reference < 0 ? 2 - lambda : lambda);
          const [of, ofReference] = [plain[kind](x, lambda), plain[kind](reference, lambda)];
          const expected = (of - ofReference) / factor;
          const allowed = (1e-12 * (Math.abs(of) + Math.abs(ofReference))) / factor;
          const got = near(kind, x, lambda, reference);
          const isNone = reference === (kind === 'box-cox' ? 1 : 0);
          assert.ok(Math.abs(got - (isNone ? of : expected)) <= allowed + 1e-300, `${got}, not ${expected}`);
          // The inverse magnifies what rounding does to y by dx/dy.
          const step = Math.abs(near(kind, x * (1 + 1e-7) + 1e-9, lambda, reference) - got);
          const slope = (Math.abs(x) * 1e-7 + 1e-9) / step;
          const back = near(`${kind}-inverse`, got, lambda, reference);
          const rounding = 1e-11 * (Math.abs(x) + Math.abs(reference) + 1) + 1e-13 * slope * (Math.abs(got) + 1);
          if (step > 0) assert.ok(Math.abs(back - x) <= rounding, `${x} comes back as ${back}`);
        }),
        { numRuns: 2000 },
      );
    });
  }
});

test('data far from zero come out with unit variance, apart from each other, and come back', async () => {
  const widths = fc.constantFrom(1e-6, 1e-4, 1e-2);
  const shares = fc.uniqueArray(fc.integer({ min: 0, max: 1000 }), { minLength: 5, maxLength: 60 });
  const offsets = fc.double({ min: 5, max: 1e12, noNaN: true });
  await fc.assert(
    fc.asyncProperty(offsets, widths, shares, fc.boolean(), async (offset, width, steps, isNegative) => {
      const values = steps.map((step) => (isNegative ? -1 : 1) * offset * (1 + (width * step) / 1000));
      for (const power_method of isNegative ? ['yeo-johnson'] : ['yeo-johnson', 'box-cox']) {
        const normalizer = { method: 'power', power_method };
        const { data, fitted } = await carriedOut({ normalizer }, float64([values.length, 1], values));
        const mean = data.reduce((sum, value) => sum + value, 0) / data.length;
        const variance = data.reduce((sum, value) => sum + (value - mean) ** 2, 0) / data.length;
        assert.ok(Math.abs(mean) < 1e-8 && Math.abs(variance - 1) < 1e-8, `${power_method}: ${mean}, ${variance}`);
        assert.equal(new Set(data).size, new Set(values).size);
        const back = await carriedOut({ operation: 'inverse-transform', fitted }, float64([values.length, 1], data));
        values.forEach((value, at) => {
          assert.ok(Math.abs(back.data[at] - value) <= 1e-13 * Math.abs(value), `${value}: ${back.data[at]}`);
        });
      }
    }),
    { numRuns: 60 },
  );
});
