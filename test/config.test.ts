import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bodyLimitFor } from '../src/config.ts';

test('one request may hold a quarter of what the container has, and 256 MiB at most', () => {
  const mebibyte = 2 ** 20;
  assert.equal(bodyLimitFor(512 * mebibyte), 128 * mebibyte);
  assert.equal(bodyLimitFor(4096 * mebibyte), 256 * mebibyte);
  assert.equal(bodyLimitFor(0), 256 * mebibyte);
  // What Node says where no cgroup limits it.
  assert.equal(bodyLimitFor(2 ** 64), 256 * mebibyte);
});
