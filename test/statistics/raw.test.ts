import assert from 'node:assert/strict';
import { test } from 'node:test';
import { withScratch } from '#kernels/kernels.ts';
import { placeElements } from '#kernels/view.ts';
import { extent } from '#statistics/extent.ts';
import { moments } from '#statistics/moments.ts';
import { powerSum } from '#statistics/power-sum.ts';
import { reduceBlock } from '#statistics/reduce-block.ts';
import type { State } from '#statistics/reduction.ts';
import type { Dtype } from '#tensor/dtype.ts';
import { layoutOf } from '#tensor/layout.ts';
import { seeded } from '../seeded.ts';

const reductions = [extent, moments, powerSum(1), powerSum(2)];
const random = seeded(7);
const bytes: Record<string, () => number> = {
  'any bytes': () => Math.floor(random() * 256),
  'mostly zeros': () => (random() < 0.8 ? 0 : Math.floor(random() * 256)),
  'both ends': () => (random() < 0.5 ? 0 : 255),
  'the largest alone': () => 255,
  'hardly any but the largest': () => (random() < 1e-3 ? 0 : 255),
  'hardly any but zeros': () => (random() < 1e-3 ? 255 : 0),
  zeros: () => 0,
};
const usual = () => 3 + (random() - random()) * 10;
const singles: Record<string, () => number> = {
  ...bytes,
  'usual numbers': usual,
  'zeros of both signs': () => (random() < 0.5 ? 0 : -0),
  'the largest': () => (random() - 0.5) * 6e38,
  'the smallest': () => (random() - 0.5) * 1e-44,
  'a NaN here and there': () => (random() < 1e-3 ? NaN : usual()),
  'an infinity here and there': () => (random() < 1e-3 ? Infinity : usual()),
  'negative infinities': () => (random() < 1e-3 ? -Infinity : usual()),
};

function statesOf(dtype: Dtype, { buffer, length: count }: Elements, shape: number[], reduced: boolean[]): State[] {
  return withScratch(() => {
    const address = placeElements({ buffer, count }, dtype, false);
    const view = { dtype, address, offset: 0, count, locate: () => ({ index: '', pointer: '' }) };
    return reduceBlock(view, layoutOf(shape, reduced), reductions, { refuse: 0 });
  });
}

type Elements = Uint8Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

function assertSame(dtype: Dtype, elements: Elements, shape: number[]): void {
  const wide = Float64Array.from(elements);
  for (const reduced of [
    [false, true],
    [true, false],
    [true, true],
  ]) {
    const [raw, doubles] = [statesOf(dtype, elements, shape, reduced), statesOf('float64', wide, shape, reduced)];
    raw.forEach((state, at) => {
      const same = Buffer.from(state.values.buffer).equals(Buffer.from(doubles[at].values.buffer));
      assert.ok(same, `${reductions[at].name} of ${shape}: ${state.values}, not ${doubles[at].values}`);
    });
  }
}

const shapes = [
  [1, 1],
  [3, 15],
  [5, 784],
  [700, 3],
  [40, 1027],
  [2, 16_384],
  [1, 40_001],
];

for (const [kind, draw] of Object.entries(bytes)) {
  test(`uint8 has the states of the same numbers in float64, bit for bit: ${kind}`, () => {
    for (const shape of shapes) {
      assertSame('uint8', Uint8Array.from({ length: shape[0] * shape[1] }, draw), shape);
    }
  });
}

for (const [kind, draw] of Object.entries(singles)) {
  test(`float32 has the states of the same numbers in float64, bit for bit: ${kind}`, () => {
    for (const shape of shapes) {
      assertSame('float32', Float32Array.from({ length: shape[0] * shape[1] }, draw), shape);
    }
  });
}
