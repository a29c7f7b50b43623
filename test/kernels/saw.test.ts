import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kernels, copyIn, allocate, tileFlags, withScratch } from '#kernels/kernels.ts';
import { dtypeNumber } from '#kernels/view.ts';

function sawIn(values: number[]): number {
  return withScratch(() => {
    const [from, to] = [copyIn(Float64Array.from(values)), allocate(values.length * 8)];
    return kernels.load_tile(dtypeNumber('float64'), from, values.length, 1, values.length, to);
  });
}

test('a tile is told to hold a NaN, an infinity or both, wherever they are', () => {
  const kinds = [
    [NaN, tileFlags.nan],
    [Infinity, tileFlags.infinity],
    [-Infinity, tileFlags.infinity],
    [Number.MAX_VALUE, 0],
  ] as const;
  for (let length = 1; length <= 9; length++) {
    for (let at = 0; at < length; at++) {
      for (const [value, kind] of kinds) {
        const values = new Array<number>(length).fill(-1);
        values[at] = value;
        assert.equal(sawIn(values), kind, `${value} at ${at} of ${length}`);
        for (let other = 0; other < at; other++) {
          values[other] = Infinity;
          assert.equal(sawIn(values), kind | tileFlags.infinity, `${value} at ${at} after an infinity at ${other}`);
          values[other] = NaN;
          assert.equal(sawIn(values), kind | tileFlags.nan, `${value} at ${at} after a NaN at ${other}`);
          values[other] = 0;
        }
      }
    }
  }
});
