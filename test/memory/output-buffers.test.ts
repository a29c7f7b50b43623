import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { recycleOutputBuffer, acquireOutputBuffer } from '#memory/output-buffers.ts';

test('a buffer of the size that is wanted is used again, once', () => {
  assert.equal(acquireOutputBuffer(1000), undefined);
  const buffer = new ArrayBuffer(1000);
  recycleOutputBuffer(buffer);
  assert.equal(acquireOutputBuffer(1000), buffer);
  assert.equal(acquireOutputBuffer(1000), undefined);
});

test('one of another size is freed, and so is what waits when another size is wanted', () => {
  assert.equal(acquireOutputBuffer(1000), undefined);
  const [other, waiting] = [new ArrayBuffer(999), new ArrayBuffer(1000)];
  recycleOutputBuffer(other);
  recycleOutputBuffer(waiting);
  assert.deepEqual([other.detached, waiting.detached], [true, false]);
  assert.equal(acquireOutputBuffer(2000), undefined);
  assert.ok(waiting.detached);
});

test('no more than 16 wait, and no longer than a second', async () => {
  acquireOutputBuffer(500);
  const buffers = Array.from({ length: 17 }, () => new ArrayBuffer(500));
  for (const buffer of buffers) recycleOutputBuffer(buffer);
  assert.deepEqual(
    buffers.map(({ detached }) => detached),
    [...new Array<boolean>(16).fill(false), true],
  );
  await wait(1100);
  assert.ok(buffers.every(({ detached }) => detached));
  assert.equal(acquireOutputBuffer(500), undefined);
});
