/**
 * Requests made of the served OpenAPI document, valid and invalid, and its binary formats with bytes changed: every answer is
 * as the document says, nothing crashes, and memory stays flat. NORMA_FUZZ_REQUESTS and NORMA_FUZZ_SEED say how many and which.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { residentMemory, startProcess } from '../process.ts';
import { fuzz } from './fuzz.ts';

const count = Number(process.env.NORMA_FUZZ_REQUESTS ?? 800);
const seed = Number(process.env.NORMA_FUZZ_SEED ?? 1);

/** MiB that the process may grow from the first third of the requests to the end. */
const mostGrowth = 150;

test(`${count} requests are answered as the document says`, async (t) => {
  const { url, process: server } = await startProcess(t, { NORMA_WORKERS: '2' });
  let before = Number.NaN;
  const { statuses, faults } = await fuzz(url, {
    count,
    seed,
    onProgress(done) {
      if (done === Math.floor(count / 3)) before = residentMemory(server) / 2 ** 20;
    },
  });
  const growth = residentMemory(server) / 2 ** 20 - before;
  t.diagnostic(`${JSON.stringify(statuses)}; memory ${before.toFixed(0)} MiB, then ${growth.toFixed(0)} more`);
  for (const [about, example] of faults) t.diagnostic(`${about}\n    ${example}`);
  assert.deepEqual([...faults.keys()], []);
  assert.equal(server.exitCode, null, 'the server ended');
  assert.ok((statuses[200] ?? 0) > count / 5, 'hardly anything succeeds: the requests show little');
  assert.ok(growth < mostGrowth, `memory grew by ${growth} MiB`);
});
