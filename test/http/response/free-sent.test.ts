import assert from 'node:assert/strict';
import { test } from 'node:test';
import { trackSentBuffers } from '#http/response/free-sent.ts';

const size = 2 ** 16;

test('a piece is freed when all of it has been sent, and not before', () => {
  const sent = trackSentBuffers();
  const [first, second] = [new Uint8Array(size), new Uint8Array(size)];
  sent.add(first);
  sent.add(second);
  sent.free(size + 1);
  assert.deepEqual([first.length, second.length], [size, size]);
  sent.free(size);
  assert.deepEqual([first.length, second.length], [0, size]);
  sent.free(Infinity);
  assert.equal(second.length, size);
  sent.free(0);
  assert.equal(second.length, 0);
});

test('what is small, or a part of a buffer, is left alone', () => {
  const sent = trackSentBuffers();
  const [small, part] = [new Uint8Array(size - 1), new Uint8Array(2 * size).subarray(size)];
  sent.add(small);
  sent.add(part);
  sent.free(0);
  assert.deepEqual([small.length, part.length], [size - 1, size]);
});
