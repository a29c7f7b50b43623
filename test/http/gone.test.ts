/** A client that goes away in the middle of a stream ends the work for it. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createPool, type Pool } from '#pool/pool.ts';
import type { Runner, TaskKind } from '#pool/task.ts';
import { startService } from '../service.ts';
import { npyHeader } from '../formats/arrays.ts';

/** A pool that counts the tasks that were begun and those that are not done yet. */
function counted(pool: Pool, seen: { begun: number; underWay: number }): Pool {
  const run = async (kind: TaskKind<unknown, unknown>, task: unknown) => {
    seen.begun += 1;
    seen.underWay += 1;
    try {
      return await pool.run(kind, task);
    } finally {
      seen.underWay -= 1;
    }
  };
  return {
    ...pool,
    run: Object.assign(run, { width: pool.run.width }) as Runner,
    withSignal: (signal) => counted(pool.withSignal(signal), seen),
  };
}

const npy = 'application/x-npy';

const columns = 1024;
const piece = Buffer.from(new Float32Array(2 ** 18).fill(1).buffer);

/** Sends some mebibytes of an endless array, and is gone. */
async function goesAway(url: string, mebibytes: number, reads: boolean, accept = npy): Promise<void> {
  const rows = 2 ** 30;
  const header = npyHeader('float32', [rows, columns]);
  const headers = { 'content-type': npy, accept, 'transfer-encoding': 'chunked' };
  const outgoing = request(url, { method: 'POST', agent: false, headers });
  outgoing.on('error', () => undefined);
  outgoing.on('response', (incoming) => {
    incoming.on('error', () => undefined);
    if (reads) incoming.resume();
  });
  outgoing.write(header);
  for (let sent = 0; sent < mebibytes; sent++) {
    if (!outgoing.write(piece) && !outgoing.destroyed)
      await Promise.race([new Promise((drained) => outgoing.once('drain', drained)), pause(1000)]);
  }
  outgoing.destroy();
}

test('the workers have nothing to do any more', async () => {
  const seen = { begun: 0, underWay: 0 };
  const pool = createPool(2);
  const service = await startService({}, counted(pool, seen));
  try {
    for (const path of ['/v1/normalize?method=norm', '/v1/fit?method=zscore', '/v1/describe']) {
      for (const reads of [true, false]) {
        const before = seen.begun;
        await goesAway(service.url + path, 12, reads, path.includes('normalize') ? npy : '*/*');
        await pause(300);
        const after = seen.begun;
        assert.ok(after > before, `${path} began nothing`);
        await pause(200);
        assert.deepEqual([seen.begun, seen.underWay], [after, 0], `${path}: the work goes on`);
      }
    }
    const answer = await service.post('/v1/normalize', { normalizer: { method: 'norm' }, data: [3, 4] });
    assert.deepEqual(answer.body.data, [0.6, 0.8]);
  } finally {
    await service.close();
  }
});

test('a client that leaves while it is told what was wrong costs the service nothing', async () => {
  const service = await startService();
  try {
    const wrong = ['/v1/normalize?method=nothing', '/v1/normalize?method=norm&axis=7', '/nothing', '/v1/merge'];
    for (const path of wrong) await goesAway(service.url + path, 4, true);
    await goesAway(`${service.url}/v1/normalize?method=norm`, 4, true, 'image/png');
    const { status } = await fetch(`${service.url}/health/live`);
    assert.equal(status, 200);
  } finally {
    await service.close();
  }
});

test('that a client has left is noticed while all threads are busy, and nothing reads what it has sent', async () => {
  const pool = createPool(1);
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  const late = (given: Pool): Pool => ({
    ...given,
    run: Object.assign(
      async (kind: TaskKind<unknown, unknown>, task: unknown) => held.then(() => given.run(kind, task)),
      { width: given.run.width },
    ) as Runner,
    withSignal: (signal) => late(given.withSignal(signal)),
  });
  const service = await startService({}, late(pool));
  try {
    const mebibytes = 16;
    const header = npyHeader('float32', [2 ** 20, columns]);
    const headers = { 'content-type': npy, 'content-length': header.length + 2 ** 32 };
    const outgoing = request(`${service.url}/v1/normalize?method=norm`, { method: 'POST', agent: false, headers });
    outgoing.on('error', () => undefined);
    outgoing.write(header);
    for (let sent = 0; sent < mebibytes; sent++) outgoing.write(piece);
    await pause(200);
    outgoing.destroy();
    for (let tries = 0; (await service.connections()) > 0; tries++) {
      assert.ok(tries < 200, 'its connection is still open');
      await pause(100);
    }
  } finally {
    release();
    await service.close();
  }
});
