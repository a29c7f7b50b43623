import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { bytesAt, withScratch } from '#kernels/kernels.ts';
import { placeElements } from '#kernels/view.ts';
import { applySteps } from '#normalizers/apply-steps.ts';
import type { ElementwiseStep as Step, Operand } from '#normalizers/steps.ts';
import { layoutOf } from '#tensor/layout.ts';
import { seeded } from '../seeded.ts';

type Arithmetic = Extract<Step, { by: Operand; op: 'add' | 'subtract' | 'multiply' | 'divide' }>;

/** What is computed in float64 and rounded to float32 once, by whatever way. */
type Values = Float32Array<ArrayBuffer> | Uint8Array<ArrayBuffer>;

/** Values of a matrix through a formula, reduced over `axis`, as float32. */
function transformed(values: Values, shape: number[], axis: 0 | 1, steps: Step[]): Float32Array {
  const count = values.length;
  const dtype = values instanceof Uint8Array ? 'uint8' : 'float32';
  return withScratch(() => {
    const address = placeElements({ buffer: values.buffer, count }, dtype, false);
    const view = { dtype, address, offset: 0, count, locate: () => ({ index: '', pointer: '' }) } as const;
    const output = applySteps(view, layoutOf(shape, [axis === 0, axis === 1]), steps, 0, 'float32', 0);
    return new Float32Array(bytesAt(output, count * 4).slice().buffer);
  });
}

/** The same one by one: computed in float64, rounded once. */
function expected(values: Values, columns: number, axis: 0 | 1, steps: Arithmetic[]): Float32Array {
  return Float32Array.from(values, (value, at) => {
    const slice = axis === 1 ? Math.floor(at / columns) : at % columns;
    return steps.reduce((result, { op, by }) => {
      const operand = typeof by === 'number' ? by : by[slice];
      if (op === 'add') return result + operand;
      if (op === 'subtract') return result - operand;
      return op === 'multiply' ? result * operand : result / operand;
    }, value);
  });
}

function assertSame(values: Values, columns: number, axis: 0 | 1, steps: Arithmetic[]): void {
  const got = transformed(values, [values.length / columns, columns], axis, steps);
  const wanted = expected(values, columns, axis, steps);
  // Object.is: −0 is not 0, and one NaN is as good as another.
  const at = got.findIndex((value, index) => !Object.is(value, wanted[index]));
  assert.ok(at < 0, `${values[at]} becomes ${got[at]}, not ${wanted[at]}: ${JSON.stringify(steps)}`);
}

const rows = 9;
const random = seeded(3);
const normal = () => (random() + random() + random() - 1.5) * 4;
const formulas: Arithmetic['op'][][] = [
  ['add'],
  ['subtract'],
  ['multiply'],
  ['divide'],
  ['subtract', 'divide'],
  ['multiply', 'add'],
  ['add', 'multiply'],
  ['multiply', 'subtract', 'divide'],
];

for (const ops of formulas) {
  test(`float32 and uint8 through ${ops.join(', ')} are float64 arithmetic rounded once`, () => {
    for (const columns of [1, 7, 20, 64, 67, 300, 1500, 2000]) {
      const values = Float32Array.from({ length: rows * columns }, normal);
      const sparse = values.map((value) => (random() < 0.7 ? 0 : value));
      const torn = values.map((value) => (random() < 0.05 ? [NaN, Infinity, -Infinity, -0][at4()] : value));
      const bytes = Uint8Array.from(values, () => (random() < 0.5 ? 0 : random() * 256));
      for (const axis of [0, 1] as const) {
        const drawn = () => Float64Array.from({ length: axis === 0 ? columns : rows }, normal);
        for (const data of [values, sparse, torn, bytes]) {
          assertSame(
            data,
            columns,
            axis,
            ops.map((op) => ({ op, by: drawn() })),
          );
          assertSame(
            data,
            columns,
            axis,
            ops.map((op) => ({ op, by: normal() })),
          );
          assertSame(
            data,
            columns,
            axis,
            ops.map((op, at) => ({ op, by: at === 0 ? drawn() : normal() })),
          );
        }
      }
    }
  });
}

function at4(): number {
  return Math.floor(random() * 4);
}

const float32 = fc.float({ noNaN: true, noDefaultInfinity: true });

/** Between two neighbouring float32 values, the subnormal ones too: `odd` units of half the last place. */
const midpoint = fc
  .tuple(fc.integer({ min: 0, max: 2 ** 24 - 1 }), fc.integer({ min: -150, max: 103 }))
  .map(([half, exponent]) => (2 * half + 1) * 2 ** exponent);

/** So that value / divisor is a midpoint, or as near as a double gets, or a few doubles beside. */
const nearTies = fc
  .tuple(float32, midpoint, fc.integer({ min: -3, max: 3 }))
  .map(([value, middle, beside]) => ({ value, divisor: (value / middle) * (1 + beside * Number.EPSILON) }))
  .filter(({ divisor }) => divisor !== 0 && Number.isFinite(divisor));

test('quotients that lie next to the middle between two float32 values are rounded as they are', () => {
  fc.assert(
    fc.property(nearTies, ({ value, divisor }) => {
      // Powers of two times the value make quotients between neighbours of all magnitudes.
      const powers = Float32Array.from({ length: 64 }, (_, at) => (at % 2 ? -value : value) * 2 ** (3 * at - 96));
      assertSame(powers, 64, 1, [{ op: 'divide', by: divisor }]);
      assertSame(powers, 64, 1, [
        { op: 'subtract', by: value },
        { op: 'divide', by: divisor },
      ]);
    }),
    { numRuns: 20_000, seed: 1 },
  );
});

test('divisors of every kind give the quotient', () => {
  const any = fc.double({ noNaN: false });
  fc.assert(
    fc.property(fc.float32Array({ minLength: 64, maxLength: 64 }), any, any, (values, divisor, offset) => {
      const own = new Float32Array(values);
      assertSame(own, 64, 1, [{ op: 'divide', by: divisor }]);
      assertSame(own, 64, 1, [
        { op: 'subtract', by: offset },
        { op: 'divide', by: divisor },
      ]);
    }),
    { numRuns: 8000, seed: 1 },
  );
});
