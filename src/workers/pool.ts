import { Piscina } from 'piscina';
import { type Outcome, unpack } from './outcome.ts';
import type { Runner, Task } from './tasks.ts';
import type { Job, SmallCall } from './worker.ts';

/** Small calls that go to a worker as one task at most. */
const mostTogether = 32;

/** The worker threads that all numeric work is done in. */
export interface Pool {
  /** Runs one task of a large call; its blocks are handed over and come back. */
  run: Runner;
  /** Answers a small call whole. Calls that come in the same turn of the event loop share a trip to a worker. */
  answer(call: SmallCall): Promise<Uint8Array>;
  /** Waits until every thread has loaded the kernels. */
  warm(): Promise<void>;
  close(): Promise<void>;
}

export function createPool(workers: number): Pool {
  const piscina = new Piscina({
    filename: new URL('./worker.ts', import.meta.url).href,
    ...{ minThreads: workers, maxThreads: workers, concurrentTasksPerWorker: 2 },
  });

  async function send(job: Job, transferList: ArrayBuffer[]): Promise<Outcome<unknown>[]> {
    return piscina.run(job, { transferList }) as Promise<Outcome<unknown>[]>;
  }

  const run = async (task: Task) => {
    const [outcome] = await send({ task }, handedOver(task));
    return unpack(outcome);
  };

  let waiting: { call: SmallCall; done(outcome: Outcome<unknown>): void; failed(error: unknown): void }[] = [];
  function flush(): void {
    const all = waiting;
    waiting = [];
    const share = Math.min(mostTogether, Math.ceil(all.length / workers));
    for (let at = 0; at < all.length; at += share) {
      const together = all.slice(at, at + share);
      const calls = together.map(({ call }) => call);
      send(
        { calls },
        calls.map((call) => call.tensor.buffer),
      ).then(
        (outcomes) => together.forEach(({ done }, index) => done(outcomes[index])),
        (error: unknown) => together.forEach(({ failed }) => failed(error)),
      );
    }
  }

  return {
    run: Object.assign(run, { width: workers + 3 }) as Runner,
    async answer(call) {
      const outcome = await new Promise<Outcome<unknown>>((done, failed) => {
        if (waiting.length === 0) setImmediate(flush);
        waiting.push({ call, done, failed });
      });
      return unpack(outcome) as Uint8Array;
    },
    async warm() {
      await Promise.all(Array.from({ length: workers * 2 }, () => send({ calls: [] }, [])));
    },
    async close() {
      await piscina.close();
    },
  };
}

/** The buffers of a task that its sender has no use for until they come back. */
function handedOver(task: Task): ArrayBuffer[] {
  if (task.kind === 'block') return [task.block.buffer];
  if (task.kind === 'decode') return [task.body];
  if (task.kind === 'transpose' || task.kind === 'weights') return [task.buffer];
  if (task.kind === 'learn') return task.held?.blocks.map((block) => block.buffer) ?? [];
  if (task.kind === 'quantiles') return task.held.blocks.map((block) => block.buffer);
  if (task.kind === 'scale_lost') return [...task.inputs.blocks, ...task.outputs.blocks].map((block) => block.buffer);
  return [];
}
