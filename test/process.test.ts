/** The helper that other tests start the server with: it must not wait for one that has ended. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startProcess } from './process.ts';

test('a server that ends at its start fails its test at once, with what it wrote', async (t) => {
  await assert.rejects(startProcess(t, { NORMA_WORKERS: '0' }), /ended with 1 .*NORMA_WORKERS=0/s);
});

test('so does one that dies while it is imported', async (t) => {
  const NODE_OPTIONS = '--import=data:text/javascript,throw(new(Error)("at%20import"))';
  await assert.rejects(startProcess(t, { NODE_OPTIONS }), /ended with 1 .*at import/s);
});
