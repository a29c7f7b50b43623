/** A client that goes away: what was begun for it ends, in the thread that works on it. */
import assert from 'node:assert/strict';
import { request } from 'node:http';
import { after, before, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { createPool, type Pool } from '#pool/pool.ts';
import { fatal } from '../../../faults/mortal-worker.ts';
import { type Service, startService } from '../../../service.ts';
import { binaryInput, infer, storeModel, valuesOf } from './wire.ts';

let pool: Pool;
let service: Service;
before(async () => {
  pool = createPool(2, { entry: new URL('../../../faults/mortal-worker.ts', import.meta.url) });
  service = await startService({}, pool);
  await storeModel(service, 'same', { method: 'affine' }, [[0, 0]]);
});
after(() => service.close());

/** A request whose numbers a thread never gets done with; it goes away a moment later. */
async function leaveHanging(rows: number): Promise<void> {
  const [input, bytes] = binaryInput('float64', [rows, 2], [fatal.hang, ...new Array<number>(2 * rows - 1).fill(1)]);
  const json = JSON.stringify({ inputs: [input] });
  const outgoing = request(`${service.url}/v2/models/same/infer`, {
    method: 'POST',
    agent: false,
    headers: { 'inference-header-content-length': json.length, 'content-length': json.length + bytes.length },
  });
  outgoing.on('error', () => undefined);
  outgoing.end(Buffer.concat([Buffer.from(json), bytes]));
  await pause(300);
  outgoing.destroy();
}

for (const [what, rows] of [
  ['a small tensor', 1000],
  ['a large one', 50_000],
] as const) {
  test(`every thread hangs on ${what} of a client that leaves, and the next client is answered`, async () => {
    await Promise.all([leaveHanging(rows), leaveHanging(rows), leaveHanging(rows)]);
    const [input, bytes] = binaryInput('float64', [1, 2], [3, 4]);
    assert.deepEqual(valuesOf(await infer(service, 'same', { inputs: [input] }, bytes)), [3, 4]);
  });
}
