import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { narrowToBfloat16, widenBfloat16 } from '#tensor/bfloat16.ts';

/** The value of a positive pattern below infinity, by the definition of the format: 8 bits of exponent, 7 of fraction. */
function valueOf(half: number): number {
  const [exponent, fraction] = [half >> 7, half & 0x7f];
  return exponent === 0 ? fraction * 2 ** -133 : (128 + fraction) * 2 ** (exponent - 134);
}

const largest = 0x7f7f;

/** The nearest pattern by looking at both neighbours, whose distances are exact; even at a tie. */
function nearest(value: number): number {
  let [low, high] = [0, largest];
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (valueOf(middle) <= value) low = middle;
    else high = middle - 1;
  }
  const above = low === largest ? 2 ** 128 : valueOf(low + 1);
  const [down, up] = [value - valueOf(low), above - value];
  if (down === up) return low + (low & 1);
  return down < up ? low : low + 1;
}

test('every bfloat16 is the float32 that its definition says, and comes back', () => {
  const halves = Uint16Array.from({ length: largest + 1 }, (_, half) => half);
  assert.deepEqual(widenBfloat16(halves), Float32Array.from(halves, valueOf));
  assert.deepEqual(narrowToBfloat16(widenBfloat16(halves)), { halves, overflows: 0 });
});

test('a double becomes the nearest one, rounded once', () => {
  const near = fc
    .tuple(
      fc.integer({ min: 0, max: largest }),
      fc.constantFrom(-1, 0, 1),
      fc.constantFrom(2 ** -52, 2 ** -30, 2 ** -16),
    )
    .map(([half, side, far]) => ((valueOf(half) + valueOf(half + 1)) / 2) * (1 + side * far));
  const any = fc.double({ min: 0, max: valueOf(largest), noNaN: true });
  fc.assert(
    fc.property(fc.oneof(near, any), (value) => {
      const { halves } = narrowToBfloat16(Float64Array.of(value, -value));
      assert.deepEqual([...halves], [nearest(value), nearest(value) | 0x8000]);
    }),
    { numRuns: 2000 },
  );
});

test('what is too large is infinite and counted; infinities and NaN are kept', () => {
  const least = 2 ** 128 - 2 ** 119;
  const values = Float64Array.of(least, -1e300, least - 2 ** 80, Infinity, -Infinity, NaN, -0);
  const { halves, overflows } = narrowToBfloat16(values);
  assert.equal(overflows, 2);
  assert.deepEqual([...widenBfloat16(halves)], [Infinity, -Infinity, valueOf(largest), Infinity, -Infinity, NaN, -0]);
});
