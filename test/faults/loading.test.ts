/** Threads that are ended while they load what they run, as when a service is stopped while it starts. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { test } from 'node:test';
import { promisify } from 'node:util';

/** Before it was prevented, Node ended one process in about 200 pools. */
const pools = Number(process.env.NORMA_LOADING_POOLS ?? 10);

const script = `
  import { createPool } from '#pool/pool.ts';
  import { setTimeout as wait } from 'node:timers/promises';
  for (let times = 0; times < ${pools}; times++) {
    const pool = createPool(2);
    await wait(20 + Math.random() * 330);
    await pool.close();
  }
`;

test(`${pools} pools are closed while their threads load, and the process goes on`, {
  timeout: 10_000 + pools * 2_000,
}, async () => {
  const { stdout, stderr } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', script]);
  assert.deepEqual([stdout, stderr], ['', '']);
});
