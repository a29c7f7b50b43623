import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  addToSketch,
  emptySketch,
  isExact,
  mergeSketches,
  type QuantileSketch,
  sketchCount,
  sketchFromBytes,
  sketchOrderStatistics,
  sketchQuantiles,
  sketchToBytes,
} from '#statistics/quantile-sketch.ts';
import { quantilesOf } from '#statistics/quantiles/quantiles.ts';
import { layoutOf } from '#tensor/layout.ts';
import { seeded } from '../seeded.ts';
import { eachViewOf } from './each-view.ts';

const mostBytes = 32768;
const capacity = 3984;
const permille = Array.from({ length: 1001 }, (_, at) => at / 1000);

function sketchOf(values: Float64Array, cuts: readonly number[] = []): QuantileSketch {
  const sketch = emptySketch();
  [...cuts, values.length].forEach((end, at) => addToSketch(sketch, values.subarray(cuts[at - 1] ?? 0, end)));
  return sketch;
}

function normals(random: () => number, length: number): Float64Array<ArrayBuffer> {
  return Float64Array.from({ length }, () => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random()));
}

/** How many sorted values come before the first that is not below `value`, or before the first above it. */
function countBelow(sorted: Float64Array, value: number, orEqual: boolean): number {
  let low = 0;
  for (let high = sorted.length; low < high; ) {
    const middle = (low + high) >>> 1;
    if (sorted[middle] < value || (orEqual && sorted[middle] === value)) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The greatest distance between a permille's rank and the ranks its estimate has, as a share of all ranks. */
function worstError(sketch: QuantileSketch, sorted: Float64Array): number {
  const errors = Array.from(sketchQuantiles(sketch, permille), (estimate, at) => {
    const position = permille[at] * (sorted.length - 1);
    const ranks = [countBelow(sorted, estimate, false), countBelow(sorted, estimate, true) - 1];
    // Between two neighbours an estimate has no rank of its own: the second count is then one below the first.
    return Math.max(Math.min(...ranks) - position, position - Math.max(...ranks), 0);
  });
  return Math.max(...errors) / sorted.length;
}

function assertClose(sketch: QuantileSketch, sorted: Float64Array, what: string): void {
  const error = worstError(sketch, sorted);
  assert.ok(error < 0.003, `${what}: an error of ${error} in rank`);
  assert.equal(sketchCount(sketch), sorted.length);
  assert.deepEqual([sketch.min, sketch.max], [sorted[0], sorted.at(-1)]);
  assert.deepEqual([...sketchQuantiles(sketch, [0, 1])], [sorted[0], sorted.at(-1)]);
  assert.ok(sketchToBytes(sketch).length <= mostBytes);
  assert.ok(sketch.values.byteLength <= mostBytes);
}

/** Sketches of consecutive parts whose lengths differ up to a thousandfold. */
function partsOf(values: Float64Array, parts: number, random: () => number): QuantileSketch[] {
  const weights = Array.from({ length: parts }, () => random() ** 4 + 0.001);
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  let start = 0;
  let seen = 0;
  return weights.map((weight) => {
    seen += weight;
    const end = Math.round((seen / total) * values.length);
    const part = values.subarray(start, end);
    start = end;
    return sketchOf(part);
  });
}

function mergedInLine(parts: readonly QuantileSketch[]): QuantileSketch {
  const merged = emptySketch();
  for (const part of parts) mergeSketches(merged, part);
  return merged;
}

function mergedInTree(parts: readonly QuantileSketch[]): QuantileSketch {
  if (parts.length === 1) return parts[0];
  const half = parts.length >> 1;
  const left = mergedInTree(parts.slice(0, half));
  mergeSketches(left, mergedInTree(parts.slice(half)));
  return left;
}

describe('the error in rank', () => {
  const random = seeded(11);
  const million: Record<string, (at: number) => number> = {
    uniform: random,
    Cauchy: () => Math.tan(Math.PI * (random() - 0.5)),
    'seven different values': () => Math.floor(7 * random()),
    'mostly zeros': () => (random() < 0.9 ? 0 : random()),
    sorted: (at) => at,
    reversed: (at) => -at,
    'a sawtooth of period 8': (at) => (at % 8) * 1e7 + at,
    'a third infinite': (at) => [random(), Infinity, random(), -Infinity, random(), random()][at % 6],
  };
  for (const [name, of] of Object.entries(million)) {
    test(`${name}: below 0.003 for a million values, in one and in 300 parts`, () => {
      const values = Float64Array.from({ length: 1_000_000 }, (_, at) => of(at));
      const sorted = values.slice().sort();
      assertClose(sketchOf(values), sorted, 'in one');
      assertClose(mergedInLine(partsOf(values, 300, seeded(1))), sorted, 'in a line');
    });
  }

  test('below 0.003 for any number of parts, in a line and in a tree', () => {
    const values = normals(seeded(12), 300_000);
    const sorted = values.slice().sort();
    for (const parts of [1, 2, 3, 10, 100, 1000]) {
      assertClose(mergedInLine(partsOf(values, parts, seeded(parts))), sorted, `${parts} in a line`);
      assertClose(mergedInTree(partsOf(values, parts, seeded(parts))), sorted, `${parts} in a tree`);
    }
  });

  const tenMillion = 10_000_000;
  // A primitive root's powers modulo a prime are all numbers below it, once each (Lehmer's generator).
  let power = 1;
  const permutations: Record<string, (at: number) => number> = {
    shuffled: () => (power = (power * 6_180_347) % (tenMillion + 19)) - 1,
    'eight interleaved channels': (at) => (at % 8) * (tenMillion / 8) + (at >> 3),
  };
  for (const [name, of] of Object.entries(permutations)) {
    test(`${name}: below 0.003 for ten million values`, () => {
      const values = new Float64Array(tenMillion);
      for (let at = 0; at < values.length; at++) values[at] = of(at);
      const sketch = sketchOf(values);
      const errors = sketchQuantiles(sketch, permille).map((value, at) => value / tenMillion - permille[at]);
      const worst = Math.max(...errors.map(Math.abs));
      assert.ok(worst < 0.003, `an error of ${worst} in rank`);
      assert.equal(sketchCount(sketch), values.length);
      assert.ok(sketchToBytes(sketch).length <= mostBytes);
    });
  }

  test('does not grow with the count, up to 2^53 where merging stops', () => {
    const values = normals(seeded(13), 100_000);
    const sketch = sketchOf(values);
    values.sort();
    for (let count = 200_000; count <= Number.MAX_SAFE_INTEGER; count *= 2) {
      mergeSketches(sketch, sketch);
      assert.equal(sketchCount(sketch), count);
    }
    assert.ok(worstError(sketch, values) < 0.003);
    const bytes = sketchToBytes(sketch);
    assert.ok(bytes.length <= mostBytes);
    assert.throws(() => mergeSketches(sketch, sketch), RangeError);
    assert.deepEqual(sketchToBytes(sketch), bytes);
    assert.deepEqual(sketchToBytes(sketchFromBytes(bytes)), bytes);
  });
});

describe('what is held', () => {
  test('are values that were added, none of them twice, in sorted levels', () => {
    const sketch = emptySketch();
    let added = 0;
    const more = (count: number) => Float64Array.from({ length: count }, () => added++);
    addToSketch(sketch, more(5_000_000));
    for (let turn = 0; turn < 300; turn++) {
      addToSketch(sketch, more(101));
      if (turn % 10 === 0) mergeSketches(sketch, sketchOf(more(5000)));
      const { values, sizes } = sketchFromBytes(sketchToBytes(sketch));
      assert.equal(
        new Set(values).size,
        sizes.reduce((sum, size) => sum + size),
      );
      assert.ok(values.every((value) => Number.isInteger(value) && value >= 0 && value < added));
    }
  });

  test('are the extremes, even where only their neighbours are left', () => {
    // The first compaction lets one extreme go, the second, by its opposite coin, the other.
    for (const length of [capacity, 1.5 * capacity]) {
      const sketch = sketchOf(Float64Array.from({ length }, (_, at) => at));
      addToSketch(sketch, Float64Array.of(0.5, length - 1.5));
      assert.ok(!isExact(sketch));
      assert.deepEqual([...sketchQuantiles(sketch, [0, 1])], [0, length - 1]);
    }
  });
});

describe('exactness', () => {
  test('gives what NumPy gives, to the last digit', () => {
    const fixture = JSON.parse(readFileSync(new URL('../fixtures/quantiles.json', import.meta.url), 'utf8'));
    for (const { name, dtype, axis, data, expected } of fixture.cases) {
      if (axis !== null || dtype !== 'float64') continue;
      const sketch = sketchOf(Float64Array.from(data, Number));
      assert.deepEqual([...sketchQuantiles(sketch, fixture.quantiles)], expected.map(Number), name);
    }
  });

  test('holds to the bit up to 3,984 values, however they are cut and merged', () => {
    const value = fc.oneof(fc.double({ noNaN: true }), fc.integer({ min: -2, max: 2 }));
    const lengths = fc.oneof(fc.integer({ min: 1, max: 40 }), fc.constant(capacity));
    const seeds = fc.array(value, { minLength: 1, maxLength: 40 });
    const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 4 });
    const quantiles = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 1, maxLength: 9 });
    fc.assert(
      fc.property(seeds, lengths, cuts, quantiles, (some, length, shares, wanted) => {
        const values = Float64Array.from({ length }, (_, at) => some[at % some.length] / (1 + Math.floor(at / 40)));
        const ends = [...shares.map((share) => Math.round(share * length)).sort((a, b) => a - b), length];
        const merged = mergedInLine(ends.map((end, at) => sketchOf(values.subarray(ends[at - 1] ?? 0, end))));
        const expected = quantilesOf(eachViewOf('float64', values, length), layoutOf([length], [true]), wanted);
        assert.ok(isExact(merged));
        assert.deepEqual(sketchQuantiles(merged, wanted), expected);
        assert.deepEqual(sketchToBytes(merged), sketchToBytes(sketchOf(values)));
      }),
    );
  });

  test('ends with the value after', () => {
    const values = normals(seeded(2), capacity + 1);
    assert.ok(isExact(sketchOf(values.subarray(1))));
    assert.ok(!isExact(sketchOf(values)));
    assert.ok(!isExact(mergedInLine([sketchOf(values.subarray(0, 9)), sketchOf(values.subarray(9))])));
  });

  test('an order statistic lies at its position', () => {
    const sketch = sketchOf(Float64Array.of(30, 10, 20, 40));
    assert.deepEqual([...sketchOrderStatistics(sketch, (count) => Float64Array.of(0, 1.5, count - 1))], [10, 25, 40]);
  });

  test('an empty sketch has no quantiles', () => {
    assert.ok(isExact(emptySketch()));
    assert.equal(sketchCount(emptySketch()), 0);
    assert.deepEqual([...sketchQuantiles(emptySketch(), [0, 0.5, 1])], [NaN, NaN, NaN]);
    assert.deepEqual([...sketchQuantiles(sketchOf(Float64Array.of(7)), [])], []);
  });

  test('equal values stay themselves at every quantile', () => {
    const sketch = sketchOf(new Float64Array(100_000).fill(0.1));
    assert.ok(sketchQuantiles(sketch, permille).every((value) => value === 0.1));
  });
});

describe('determinism', () => {
  const values = normals(seeded(21), 60_000);

  test('a sketch does not depend on how the values were cut into calls', () => {
    const expected = sketchToBytes(sketchOf(values));
    const cuts = fc.uniqueArray(fc.nat(values.length), { maxLength: 30 }).map((ends) => ends.sort((a, b) => a - b));
    fc.assert(
      fc.property(cuts, (ends) => assert.deepEqual(sketchToBytes(sketchOf(values, ends)), expected)),
      { numRuns: 20 },
    );
    const one = emptySketch();
    for (let at = 0; at < values.length; at++) addToSketch(one, values.subarray(at, at + 1));
    assert.deepEqual(sketchToBytes(one), expected);
  });

  test('the same parts merged in the same order give the same bits, in memory or from bytes', () => {
    const merged = sketchToBytes(mergedInLine(partsOf(values, 50, seeded(3))));
    assert.deepEqual(sketchToBytes(mergedInLine(partsOf(values, 50, seeded(3)))), merged);
    const carried = partsOf(values, 50, seeded(3)).map((part) => sketchFromBytes(sketchToBytes(part)));
    assert.deepEqual(sketchToBytes(mergedInLine(carried)), merged);
  });

  test('looking at a sketch, or merging it into another, does not change it', () => {
    const sketch = sketchOf(values.subarray(0, 30_000));
    sketchQuantiles(sketch, permille);
    mergeSketches(sketchOf(values.subarray(0, 100)), sketch);
    addToSketch(sketchFromBytes(sketchToBytes(sketch)), values);
    addToSketch(sketch, values.subarray(30_000));
    assert.deepEqual(sketchToBytes(sketch), sketchToBytes(sketchOf(values)));
  });
});

describe('the bytes', () => {
  const tall = sketchOf(normals(seeded(31), 20_000));
  const flat = sketchOf(new Float64Array(20_000));
  const levels = tall.sizes.length;
  // Where sizes and values start among the numbers.
  const sizesAt = 4;
  const valuesAt = sizesAt + 2 * levels;

  /** The bytes of a sketch with some of its numbers replaced. */
  function broken(sketch: QuantileSketch, at: number, ...numbers: number[]): Uint8Array {
    const all = new Float64Array(sketchToBytes(sketch).buffer);
    all.set(numbers, at);
    return new Uint8Array(all.buffer);
  }

  test('give the sketch back', () => {
    for (const length of [0, 1, 2, 100, capacity, capacity + 1, 100_000]) {
      const sketch = sketchOf(normals(seeded(length), length));
      const bytes = sketchToBytes(sketch);
      const read = sketchFromBytes(bytes);
      assert.deepEqual(sketchQuantiles(read, permille), sketchQuantiles(sketch, permille));
      assert.deepEqual(sketchToBytes(read), bytes);
    }
  });

  test('are read wherever they lie', () => {
    const bytes = sketchToBytes(tall);
    const shifted = Buffer.concat([Buffer.of(1, 2, 3), bytes]).subarray(3);
    assert.deepEqual(sketchFromBytes(shifted), sketchFromBytes(bytes));
  });

  test('are refused when anything is wrong with them', () => {
    const small = sketchOf(Float64Array.of(1, 2, 3));
    const wrong: Record<string, Uint8Array> = {
      empty: new Uint8Array(0),
      zeros: new Uint8Array(64),
      'too long': new Uint8Array(mostBytes + 8),
      'another tag': broken(tall, 0, 1),
      'more values than may be held': new Uint8Array(
        Float64Array.of(0x3153514e, 1, 0, 0, capacity + 1, 0, ...new Array(capacity + 1).fill(0)).buffer,
      ),
      'no levels': broken(tall, 1, 0),
      'half a level': broken(tall, 1, 1.5),
      'too many levels': broken(tall, 1, 55),
      'more levels than there are': broken(tall, 1, levels + 1),
      'fewer levels than there are': broken(tall, 1, levels - 1),
      'NaN levels': broken(tall, 1, NaN),
      'infinite levels': broken(tall, 1, Infinity),
      'minimum above a value': broken(tall, 2, 0),
      'maximum below a value': broken(tall, 3, 0),
      'NaN as minimum': broken(tall, 2, NaN),
      'NaN as maximum': broken(tall, 3, NaN),
      'a minimum that is not among all values': broken(small, 2, 0),
      'a maximum that is not among all values': broken(small, 3, 4),
      'extremes of nothing': broken(emptySketch(), 2, 0, 0),
      'another size': broken(tall, sizesAt, tall.sizes[0] + 1),
      'a negative size': broken(tall, sizesAt, tall.sizes[0] + tall.sizes[1] + 1, -1),
      'broken sizes': broken(flat, sizesAt + 1, flat.sizes[1] - 0.5, flat.sizes[2] + 0.5),
      'half a compaction': broken(flat, sizesAt + levels, 0.5),
      'a negative number of compactions': broken(tall, sizesAt + levels, -1),
      'more compactions than values': broken(tall, sizesAt + levels, 20_001),
      'an empty highest level': broken(flat, sizesAt + levels - 2, flat.sizes[levels - 2] + flat.sizes[levels - 1], 0),
      'NaN as value': broken(tall, valuesAt, NaN),
      'NaN as level 0': broken(tall, valuesAt + tall.sizes.reduce((sum, size) => sum + size) - 1, NaN),
      'values out of order': broken(tall, valuesAt, tall.values[1], tall.values[0]),
      'too few values for two levels': new Uint8Array(Float64Array.of(0x3153514e, 2, 1, 2, 1, 1, 1, 0, 1, 2).buffer),
      'more than 2^53 values': new Uint8Array(
        Float64Array.of(0x3153514e, 54, 1, 1, ...new Array(53).fill(0), 1, ...new Array(54).fill(0), 1).buffer,
      ),
    };
    for (const [name, bytes] of Object.entries(wrong)) assert.throws(() => sketchFromBytes(bytes), RangeError, name);
    const bytes = sketchToBytes(tall);
    for (let length = 0; length < bytes.length; length += length < 256 ? 1 : 997) {
      assert.throws(() => sketchFromBytes(bytes.subarray(0, length)), RangeError);
    }
    assert.throws(() => sketchFromBytes([...bytes] as unknown as Uint8Array), TypeError);
  });

  test('never throw anything else, and what is read can be used', () => {
    const at = fc.nat(valuesAt + 20);
    const number = fc.oneof(fc.double(), fc.integer({ min: -2, max: 60 }), fc.constant(2 ** 53));
    fc.assert(
      fc.property(fc.array(fc.tuple(at, number), { minLength: 1, maxLength: 3 }), (changes) => {
        const all = new Float64Array(sketchToBytes(tall).buffer);
        for (const [place, value] of changes) all[place] = value;
        let sketch: QuantileSketch;
        try {
          sketch = sketchFromBytes(new Uint8Array(all.buffer));
        } catch (error) {
          assert.ok(error instanceof RangeError);
          return;
        }
        mergeSketches(sketch, tall);
        assert.ok(sketchQuantiles(sketch, [0, 0.3, 1]).every((value) => !Number.isNaN(value)));
        sketchFromBytes(sketchToBytes(sketch));
      }),
      { numRuns: 500 },
    );
  });
});
