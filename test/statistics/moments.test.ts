import assert from 'node:assert/strict';
import { test } from 'node:test';
import { carriedOut } from '../run-call.ts';
import { seeded } from '../seeded.ts';

test('10^7 float32 values of mean 10^4 and deviation 1 give the variance to 1e-9', async () => {
  const random = seeded(5);
  const count = 10_000_000;
  const values = new Float32Array(count);
  // Near 10^4 a float32 is a multiple of 2^-10: counted in those, sums of values and squares are exact integers.
  let sum = 0;
  let squares = 0n;
  let part = 0;
  for (let at = 0; at < count; at++) {
    values[at] = 1e4 + Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
    const units = (values[at] - 1e4) * 1024;
    sum += units;
    part += units * units;
    if (at % 1024 === 1023) {
      squares += BigInt(part);
      part = 0;
    }
  }
  squares += BigInt(part);
  const exact = Number((squares * BigInt(count) - BigInt(sum) ** 2n) / BigInt(count)) / 2 ** 20 / count;
  const { fitted } = await carriedOut(
    { operation: 'fit', normalizer: { method: 'zscore' } },
    { dtype: 'float32', shape: [count], buffer: values.buffer },
  );
  const [variance] = fitted?.parameters.var ?? [];
  assert.ok(Math.abs(variance / exact - 1) < 1e-9, `${variance} instead of ${exact}`);
  assert.ok(Math.abs(variance / exact - 1) < 1e-13, 'as measured when this was written');
});
