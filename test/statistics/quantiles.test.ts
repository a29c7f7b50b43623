import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { allocate, withScratch } from '#kernels/kernels.ts';
import { eachSlice, quantilesOf } from '#statistics/quantiles/quantiles.ts';
import { type Axis, reducedAxes } from '#tensor/axis.ts';
import { dtypes, isFloat } from '#tensor/dtype.ts';
import { layoutOf } from '#tensor/layout.ts';
import { seeded } from '../seeded.ts';
import { type Asked, assertAsDefined, got, slicesOf } from './definition.ts';
import { eachViewOf } from './each-view.ts';
import { elementsOf } from './elements.ts';

/** Slices of some length: narrow dtypes are counted. */
const longer: { shape: number[]; axes: Axis[] }[] = [
  { shape: [2, 1500], axes: [0, -1, null] },
  { shape: [1500, 3], axes: [0, 1] },
  { shape: [300, 45], axes: [0] },
  { shape: [2, 700, 3], axes: [1, [0, 1], [1, 2]] },
  { shape: [70_001], axes: [null] },
  { shape: [2, 70_000], axes: [1] },
  { shape: [66_000, 2], axes: [0] },
];

/** The quantiles of float64 values as one slice. */
function quantilesIn(values: readonly number[], quantiles: readonly number[]): number[] {
  const elements = Float64Array.from(values);
  return [...got({ dtype: 'float64', shape: [values.length], axis: null, elements, quantiles })];
}

describe('quantilesOf', () => {
  test('gives what NumPy gives, to the last digit', () => {
    const fixture = JSON.parse(readFileSync(new URL('../fixtures/quantiles.json', import.meta.url), 'utf8'));
    for (const { name, dtype, shape, axis, data, expected } of fixture.cases) {
      const elements = elementsOf(dtype, data.map(Number));
      const results = got({ dtype, shape, axis, elements, quantiles: fixture.quantiles });
      assert.deepEqual([...results], expected.map(Number), name);
    }
  });

  test('gives what sorting gives, for every dtype, layout and cut into blocks', () => {
    const anyShape = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 });
    const anything = fc.record({ dtype: fc.constantFrom(...dtypes), shape: anyShape }).chain(({ dtype, shape }) => {
      const length = shape.reduce((product, axis) => product * axis, 1);
      const tied = fc.integer({ min: -2, max: 2 });
      const value = isFloat(dtype) ? fc.double() : fc.integer({ min: -(2 ** 31), max: 2 ** 31 });
      return fc.record({
        dtype: fc.constant(dtype),
        shape: fc.constant(shape),
        axis: fc.option(fc.uniqueArray(fc.nat(shape.length - 1), { minLength: 1 })),
        elements: fc.array(fc.oneof(tied, value), { minLength: length, maxLength: length }).map((values) =>
          elementsOf(
            dtype,
            values.map((one) => (dtype === 'uint64' ? Math.abs(one) : one)),
          ),
        ),
        quantiles: fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 }),
        blockLength: fc.integer({ min: 1, max: length }),
      });
    });
    fc.assert(fc.property(anything, assertAsDefined), { numRuns: 1000 });
  });

  for (const dtype of dtypes) {
    test(`counts or selects ${dtype} in slices of some length`, () => {
      const random = seeded(dtypes.indexOf(dtype));
      for (const { shape, axes } of longer) {
        const values = Array.from({ length: shape.reduce((product, axis) => product * axis, 1) }, () => {
          const kind = random();
          if (kind < 0.4) return 0;
          if (!isFloat(dtype)) return Math.floor(random() * 2 ** 32) - (dtype.startsWith('u') ? 0 : 2 ** 31);
          return kind < 0.5 ? [NaN, Infinity, -Infinity, -0][Math.floor(random() * 4)] : 2000 * random() - 1000;
        });
        const elements = elementsOf(dtype, values);
        const quantiles = [0, 0.001, 0.25, 0.5, 0.9, 0.9999, 1];
        for (const axis of axes) assertAsDefined({ dtype, shape, axis, elements, quantiles, blockLength: 10_007 });
      }
    });
  }

  test('takes many quantiles of many lengths of slice', () => {
    const random = seeded(9);
    const quantiles = Array.from({ length: 300 }, () => random());
    for (const length of [1, 2, 23, 24, 25, 26, 63, 64, 65, 1000, 40_000]) {
      const elements = Float64Array.from({ length }, () => Math.tan(Math.PI * random()));
      assertAsDefined({ dtype: 'float64', shape: [length], axis: null, elements, quantiles });
    }
  });
});

describe('eachSlice', () => {
  test('gives every slice in the order of the data, without NaN, whatever the visitor reserves', () => {
    const random = seeded(5);
    for (const { shape, axes } of [...longer, { shape: [4, 0], axes: [0, 1] }]) {
      const length = shape.reduce((product, axis) => product * axis, 1);
      const elements = Float32Array.from({ length }, () => (random() < 0.1 ? NaN : random() - 0.5));
      for (const axis of axes) {
        const expected = slicesOf(Float64Array.from(elements), shape, axis);
        const visited: number[] = [];
        const layout = layoutOf(shape, reducedAxes(axis, shape.length));
        eachSlice(eachViewOf('float32', elements, 10_007), layout, (values, slice) => {
          withScratch(() => allocate(2 ** 20 * (slice + 1)));
          visited.push(slice);
          assert.deepEqual(
            values,
            expected[slice].filter((value) => !Number.isNaN(value)),
          );
        });
        assert.deepEqual(visited, [...expected.keys()]);
      }
    }
  });
});

describe('special values', () => {
  test('a slice without numbers has no quantiles', () => {
    assert.deepEqual(quantilesIn([NaN, NaN], [0, 0.5]), [NaN, NaN]);
    assert.deepEqual(quantilesIn([], [0.5]), [NaN]);
    for (const dtype of ['float16', 'float32', 'uint8'] as const) {
      assert.deepEqual(
        [...got({ dtype, shape: [0, 2], axis: 0, elements: elementsOf(dtype, []), quantiles: [1] })],
        [NaN, NaN],
      );
    }
    const elements = new Float16Array(70_000).fill(NaN);
    assert.deepEqual([...got({ dtype: 'float16', shape: [70_000], axis: 0, elements, quantiles: [1] })], [NaN]);
  });

  test('no slices and no quantiles give an empty answer', () => {
    assert.equal(
      got({ dtype: 'float64', shape: [3, 0], axis: 0, elements: new Float64Array(0), quantiles: [0.5] }).length,
      0,
    );
    assert.deepEqual(quantilesIn([1, 2], []), []);
  });

  test('an infinity wins over finite neighbours, and equal infinities meet in themselves', () => {
    assert.deepEqual(quantilesIn([1, Infinity], [0, 0.25, 0.75, 1]), [1, Infinity, Infinity, Infinity]);
    assert.deepEqual(quantilesIn([1, -Infinity], [0, 0.25, 0.75, 1]), [-Infinity, -Infinity, -Infinity, 1]);
    assert.deepEqual(quantilesIn([Infinity, Infinity, -Infinity, -Infinity], [0.1, 0.5, 0.9]), [
      -Infinity,
      NaN,
      Infinity,
    ]);
  });

  test('values too far apart for their difference still have a median', () => {
    assert.deepEqual(quantilesIn([-1.5e308, 1.5e308], [0.25, 0.5, 0.75]), [-0.75e308, 0, 0.75e308]);
  });

  test('the order of the values does not matter to a bit, not even that of zeros', () => {
    assert.ok(quantilesIn([-0, 0, 0], [0]).every((value) => Object.is(value, -0)));
    assert.ok(quantilesIn([0, 0, -0], [0]).every((value) => Object.is(value, -0)));
    const counted = Float16Array.from({ length: 2 ** 16 }, (_, at) => (at === 7 ? -0 : 0));
    const results = got({ dtype: 'float16', shape: [2 ** 16], axis: 0, elements: counted, quantiles: [0, 1] });
    assert.ok(Object.is(results[0], -0) && Object.is(results[1], 0));
  });

  test('a slice of 2^32 values is refused', () => {
    assert.throws(() => quantilesOf(() => assert.fail(), layoutOf([2 ** 32], [true]), [0.5]), {
      code: 'not_computable',
    });
  });
});

describe('patterns that selection by pivots is slow on', () => {
  const length = 1_000_000;
  const random = seeded(4);
  const shrinking = (level: number) => 1 + 2 ** -level;
  const patterns: Record<string, (at: number) => number> = {
    equal: () => 3,
    'two values': (at) => at % 3,
    sorted: (at) => at,
    reversed: (at) => -at,
    'organ pipe': (at) => Math.min(at, length - at),
    sawtooth: (at) => at % 1000,
    'an outlier on every level': (at) => (at < 50 ? shrinking(at) : 1 + (at % 3) * Number.EPSILON),
    'half of it near one number': (at) => (at % 2 ? shrinking(50 * random()) : 1 + (at % 3) * Number.EPSILON),
    'every magnitude': () => Math.exp(1400 * (random() - 0.5)),
  };
  const timed = (elements: Float64Array<ArrayBuffer>) => {
    const asked: Asked = { dtype: 'float64', shape: [length], axis: null, elements, quantiles: [0.1, 0.5, 0.9] };
    let best = Infinity;
    for (let turn = 0; turn < 3; turn++) {
      const start = performance.now();
      got(asked);
      best = Math.min(best, performance.now() - start);
    }
    return best;
  };
  const usual = timed(Float64Array.from({ length }, random));

  for (const [name, of] of Object.entries(patterns)) {
    test(`${name}: right, and not much slower than random values`, () => {
      const elements = Float64Array.from({ length }, (_, at) => of(at));
      assertAsDefined({ dtype: 'float64', shape: [length], axis: null, elements, quantiles: [0.1, 0.5, 0.9] });
      const ratio = timed(elements) / usual;
      assert.ok(ratio < 40, `${ratio} times as long as random values`);
    });
  }
});
