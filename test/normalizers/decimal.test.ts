import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carriedOut, float64 } from '../carry-out.ts';

const normalizer = { method: 'decimal' };

test('decimal scaling moves the point until every magnitude of a column is below 1', async () => {
  const { data, fitted } = await carriedOut({ normalizer }, float64([3, 2], [917, 0.5, -986, 0.25, 5, -0.125]));
  assert.deepEqual(Array.from(data), [0.917, 0.5, -0.986, 0.25, 0.005, -0.125]);
  assert.deepEqual(Array.from(fitted?.parameters.scale ?? []), [1000, 1]);
});

test('a power of ten itself comes to 0.1, zeros stay, and the ends of the doubles have a scale', async () => {
  const { data } = await carriedOut({ normalizer }, float64([1, 4], [1000, 0, 5e-324, 1.5e308]));
  assert.deepEqual(Array.from(data.slice(0, 3)), [0.1, 0, 5e-324 / 1e-323]);
  assert.ok(data[3] > 1 && data[3] < 2, 'there is no 1e309 to divide by');
});
