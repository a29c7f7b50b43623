import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoped } from '#kernels/kernels.ts';
import { placeElements } from '#kernels/view.ts';
import { extent } from '#statistics/extent.ts';
import { moments } from '#statistics/moments.ts';
import { powerSum } from '#statistics/power-sum.ts';
import { reduceBlock } from '#statistics/reduce.ts';
import type { State } from '#statistics/reduction.ts';
import { layoutOf } from '#tensor/layout.ts';
import { seeded } from '../seeded.ts';

const reductions = [extent, moments, powerSum(1), powerSum(2)];
const random = seeded(7);
const kinds: Record<string, () => number> = {
  'any bytes': () => random() * 256,
  'mostly zeros': () => (random() < 0.8 ? 0 : random() * 256),
  'both ends': () => (random() < 0.5 ? 0 : 255),
  'the largest alone': () => 255,
  zeros: () => 0,
};

function statesOf(dtype: 'uint8' | 'float64', values: Uint8Array<ArrayBuffer>, shape: number[], all: boolean): State[] {
  const count = values.length;
  const { buffer } = dtype === 'uint8' ? values : Float64Array.from(values);
  return scoped(() => {
    const address = placeElements({ buffer, count }, dtype, false);
    const view = { dtype, address, offset: 0, count, locate: () => ({ index: '', pointer: '' }) };
    return reduceBlock(view, layoutOf(shape, [all, true]), reductions, { refuse: 0 });
  });
}

for (const [kind, draw] of Object.entries(kinds)) {
  test(`uint8 has the states of the same numbers in float64, bit for bit: ${kind}`, () => {
    for (const shape of [
      [1, 1],
      [3, 15],
      [5, 784],
      [2, 16_384],
      [1, 40_001],
    ]) {
      const values = Uint8Array.from({ length: shape[0] * shape[1] }, draw);
      for (const all of [false, true]) {
        const [bytes, doubles] = [statesOf('uint8', values, shape, all), statesOf('float64', values, shape, all)];
        bytes.forEach((state, at) => {
          const same = Buffer.from(state.values.buffer).equals(Buffer.from(doubles[at].values.buffer));
          assert.ok(same, `${reductions[at].name} of ${shape}: ${state.values}, not ${doubles[at].values}`);
        });
      }
    }
  });
}
