import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '#errors.ts';
import { withScratch } from '#kernels/kernels.ts';
import { placeElements } from '#kernels/view.ts';
import { applySteps } from '#normalizers/apply-steps.ts';
import type { ElementwiseStep as Step } from '#normalizers/steps.ts';
import { rejectedBits } from '#statistics/reduce-block.ts';
import { layoutOf } from '#tensor/layout.ts';

const formulas: Record<string, Step[]> = {
  'arithmetic of two steps': [
    { op: 'subtract', by: 1 },
    { op: 'divide', by: 1e-38 },
  ],
  'arithmetic of three steps': [
    { op: 'subtract', by: 1 },
    { op: 'multiply', by: 1e38 },
    { op: 'multiply', by: 1e300 },
  ],
  'a formula of other steps': [
    { op: 'divide', by: 1e-38 },
    { op: 'fill', with: 0 },
  ],
};

for (const [name, steps] of Object.entries(formulas)) {
  for (const [dtype, values] of [
    ['float32', new Float32Array(12_000)],
    ['float64', new Float64Array(12_000)],
  ] as const) {
    test(`a NaN is told with its index where outputs before it, in its place, are infinite: ${name}, ${dtype}`, () => {
      const [rows, columns] = [4, 3000];
      // Finite values whose outputs are beyond the largest number.
      values.fill(dtype === 'float32' ? 1e30 : 1e300);
      values[2 * columns + 2500] = NaN;
      const locate = (flat: number) => ({ index: String(flat), pointer: `/${flat}` });
      const view = { dtype, offset: 0, count: values.length, locate };
      const refuse = rejectedBits('raise');
      for (const reduced of [
        [false, true],
        [true, false],
        [true, true],
      ]) {
        const apply = () =>
          withScratch(() => {
            const address = placeElements({ buffer: values.buffer, count: values.length }, dtype, false);
            return applySteps({ ...view, address }, layoutOf([rows, columns], reduced), steps, 0, dtype, refuse);
          });
        assert.throws(apply, (error) => {
          assert.ok(error instanceof Problem);
          assert.match(error.message, /^The value at index 8500 is NaN,/);
          return true;
        });
      }
    });
  }
}
