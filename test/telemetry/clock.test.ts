import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { now } from '#telemetry/clock.ts';

/** Milliseconds that two readings of the clocks may lie apart. */
const slack = 0.1;

const answers = `
  const { parentPort } = require('node:worker_threads');
  import(${JSON.stringify(import.meta.resolve('#telemetry/clock.ts'))}).then(({ now }) => {
    parentPort.on('message', () => parentPort.postMessage(now()));
    parentPort.postMessage('ready');
  });
`;

test('what a thread reads between two readings of another lies between them', async (context) => {
  for (let started = 0; started < 4; started++) {
    const worker = new Worker(answers, { eval: true });
    context.after(() => worker.terminate());
    await once(worker, 'message');
    for (let asked = 0; asked < 20; asked++) {
      const before = now();
      worker.postMessage('now');
      const [there] = await once(worker, 'message');
      const after = now();
      assert.ok(before - slack <= there && there <= after + slack, `${before} ${there} ${after}`);
    }
  }
});
