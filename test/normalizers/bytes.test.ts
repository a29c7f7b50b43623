import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bytesAt, withScratch } from '#kernels/kernels.ts';
import { placeElements } from '#kernels/view.ts';
import { applySteps } from '#normalizers/apply-steps.ts';
import type { ElementwiseStep as Step } from '#normalizers/steps.ts';
import { type FloatDtype, itemSize } from '#tensor/dtype.ts';
import { layoutOf } from '#tensor/layout.ts';
import { seeded } from '../seeded.ts';

/** Steps with an operand for each of `slices` slices. */
function formulaOf(slices: number): Step[] {
  const random = seeded(slices);
  const draw = () => Float64Array.from({ length: slices }, () => 0.1 + 300 * random());
  return [
    { op: 'subtract', by: draw() },
    { op: 'divide', by: draw() },
    { op: 'multiply', by: 3 },
  ];
}

function outputOf(
  dtype: 'uint8' | 'float64',
  values: Uint8Array,
  shape: number[],
  reduced: boolean[],
  out: FloatDtype,
) {
  const count = values.length;
  const { buffer } = dtype === 'uint8' ? Uint8Array.from(values) : Float64Array.from(values);
  return withScratch(() => {
    const address = placeElements({ buffer, count }, dtype, false);
    const view = { dtype, address, offset: 0, count, locate: () => ({ index: '', pointer: '' }) };
    const layout = layoutOf(shape, reduced);
    const output = applySteps(view, layout, formulaOf(layout.slices), 0, out, 0);
    return Buffer.from(bytesAt(output, count * itemSize(out)));
  });
}

for (const shape of [
  [5, 511],
  [5, 512],
  [40, 787],
  [2, 20_001],
]) {
  test(`uint8 of shape ${shape} is transformed to the bits that the same numbers in float64 give`, () => {
    const random = seeded(11);
    const values = Uint8Array.from({ length: shape[0] * shape[1] }, () => random() * 256);
    for (const reduced of [
      [false, true],
      [true, false],
      [true, true],
    ]) {
      for (const out of ['float16', 'float32', 'float64'] as const) {
        const doubles = outputOf('float64', values, shape, reduced, out);
        assert.ok(outputOf('uint8', values, shape, reduced, out).equals(doubles), `${reduced}, ${out}`);
      }
    }
  });
}
