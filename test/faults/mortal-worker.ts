/** The worker as it is, but for data that end its thread: what no request can do must be tried nevertheless. */
import type { BlocksTask } from '#engine/blocks/blocks.task.ts';
import type { SmallCall } from '#engine/small-call.task.ts';
import type { Job } from '#pool/dispatch.ts';
import { runJob } from '#worker/worker.ts';

/** The first number of the data, and what it does. */
export const fatal = { exit: 13, throw: 17, exhaust: 19, hang: 23 } as const;

export default function mortal(job: Job): Promise<unknown> {
  for (const first of firstValues(job)) {
    if (first === fatal.exit) process.exit(1);
    if (first === fatal.throw) {
      queueMicrotask(() => {
        throw new Error('thrown where nobody catches it');
      });
      return new Promise(() => undefined);
    }
    if (first === fatal.exhaust) exhaustHeap();
    if (first === fatal.hang) for (;;);
  }
  return runJob(job);
}

function firstValues(job: Job): number[] {
  const buffers = job.flatMap(({ kind, task }) => {
    if (kind === 'small_call') return [(task as SmallCall).tensor.buffer];
    return kind === 'blocks' ? (task as BlocksTask).jobs.map(({ block }) => block.buffer) : [];
  });
  return buffers.filter(({ byteLength }) => byteLength >= 8).map((buffer) => new Float64Array(buffer, 0, 1)[0]);
}

function exhaustHeap(): never {
  const kept: object[] = [];
  for (;;) kept.push(Array.from({ length: 1000 }, (_, at) => ({ at })));
}
