/** The worker as it is, but for data that end its thread: what no request can do must be tried nevertheless. */
import { type Job, runJob } from '#worker/worker.ts';

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
  const buffers = [];
  if ('calls' in job) buffers.push(...job.calls.map(({ tensor }) => tensor.buffer));
  else if (job.task.kind === 'blocks') buffers.push(...job.task.work.map(({ block }) => block.buffer));
  return buffers.filter(({ byteLength }) => byteLength >= 8).map((buffer) => new Float64Array(buffer, 0, 1)[0]);
}

function exhaustHeap(): never {
  const kept: object[] = [];
  for (;;) kept.push(Array.from({ length: 1000 }, (_, at) => ({ at })));
}
