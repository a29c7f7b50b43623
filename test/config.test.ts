import assert from 'node:assert/strict';
import { test } from 'node:test';
import { shareOfMemory } from '../src/memory/container.ts';

test('a limit is its share of what the container has, and no more than it is without one', () => {
  const mebibyte = 2 ** 20;
  assert.equal(shareOfMemory(256 * mebibyte, 4, 512 * mebibyte), 128 * mebibyte);
  assert.equal(shareOfMemory(256 * mebibyte, 4, 4096 * mebibyte), 256 * mebibyte);
  assert.equal(shareOfMemory(256 * mebibyte, 4, 0), 256 * mebibyte);
  // What Node says where no cgroup limits it.
  assert.equal(shareOfMemory(256 * mebibyte, 4, 2 ** 64), 256 * mebibyte);
});
