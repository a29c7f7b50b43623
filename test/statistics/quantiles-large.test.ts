import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eachPiece } from '#statistics/quantiles/quantiles.ts';
import { layoutOf } from '#tensor/layout.ts';
import { got } from './definition.ts';
import { eachViewOf } from './each-view.ts';

describe('data larger than the room', () => {
  /** Every whole number below `count` once, at places far apart. */
  const scattered = (at: number, count: number) => (at * 1_000_003) % count;
  const quantiles = [0, 0.25, 0.5, 0.999, 1];

  test('slices are gathered in groups', () => {
    const slices = 5;
    const length = 4_000_000;
    const rows = new Float32Array(slices * length);
    const columns = new Float32Array(slices * length);
    for (let at = 0; at < length; at++) {
      for (let slice = 0; slice < slices; slice++) {
        rows[slice * length + at] = columns[at * slices + slice] = scattered(at, length) + slice;
      }
    }
    const expected = quantiles.flatMap((quantile) => [0, 1, 2, 3, 4].map((slice) => quantile * (length - 1) + slice));
    const byRows = got({ dtype: 'float32', shape: [slices, length], axis: 1, elements: rows, quantiles });
    assert.deepEqual([...byRows], expected);
    const byColumns = got({ dtype: 'float32', shape: [length, slices], axis: 0, elements: columns, quantiles });
    assert.deepEqual([...byColumns], expected);
  });

  test('bytes are counted in groups', () => {
    const slices = 140_000;
    const elements = new Uint8Array(slices * 256).map((_, at) => at * 37 + Math.floor(at / 256));
    const results = got({ dtype: 'uint8', shape: [slices, 256], axis: 1, elements, quantiles });
    assert.ok(results.every((result, at) => result === quantiles[Math.floor(at / slices)] * 255));
  });

  test('a slice that is longer still is narrowed', () => {
    const length = 2 ** 24 + 12_345;
    const elements = new Int32Array(2 * length);
    for (let at = 0; at < length; at++) {
      elements[2 * at] = scattered(at, length) - 2 ** 23;
      elements[2 * at + 1] = at % 2 ** 22 === 5 ? at : -1;
    }
    const results = got({ dtype: 'int32', shape: [length, 2], axis: 0, elements, quantiles });
    const whole = quantiles.map((quantile) => quantile * (length - 1) - 2 ** 23);
    assert.deepEqual(
      [...results],
      whole.flatMap((one, at) => [one, at === 4 ? 2 ** 24 + 5 : -1]),
    );
  });

  test('its values may differ in the last bits only, be NaN or infinite', () => {
    const length = 17 * 2 ** 20;
    const elements = new Float64Array(length + 20);
    // NaN with the sign and the exponent of −∞.
    new BigUint64Array(elements.buffer).fill(0xfff0000000000001n);
    elements.fill(-Infinity, length, length + 10);
    for (let at = 0; at < length; at++) elements[at] = 1 + scattered(at, 2 ** 20) * Number.EPSILON;
    const results = got({ dtype: 'float64', shape: [length + 20], axis: 0, elements, quantiles });
    const value = (rank: number) => 1 + Math.floor((rank - 10) / 17) * Number.EPSILON;
    assert.deepEqual(
      [...results],
      [-Infinity, ...[0.25, 0.5, 0.999, 1].map((one) => value(Math.floor(one * (length + 9))))],
    );
  });

  test('slices come in pieces, each value once and in the order of the data, whether or not they fit', () => {
    for (const [length, slices] of [
      [2 ** 24 + 5, 2],
      [70_000, 3],
    ]) {
      const elements = Uint16Array.from({ length: length * slices }, (_, at) => (at * 7919) % 65_521);
      const next = new Array<number>(slices).fill(0);
      eachPiece(eachViewOf('uint16', elements, 2 ** 20), layoutOf([length, slices], [true, false]), (values, slice) => {
        assert.ok(values.length <= 2 ** 16);
        let isRight = true;
        for (const value of values) isRight &&= value === elements[next[slice]++ * slices + slice];
        assert.ok(isRight, `slice ${slice} near ${next[slice]}`);
      });
      assert.deepEqual(next, new Array<number>(slices).fill(length));
    }
  });
});
