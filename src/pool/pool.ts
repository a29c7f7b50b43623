import { Piscina } from 'piscina';
import type { Load } from '#telemetry/metrics.ts';
import { createDispatcher, type Job } from './dispatch.ts';
import type { Runner, TaskKind } from './task.ts';
import { type TaskResult, unpackResult } from './task-result.ts';
import { recordTiming } from './task-timing.ts';

/** The worker threads that all numeric work is done in. */
export interface Pool {
  /** Runs a task in a thread; its buffers are transferred there, those of the result come back. */
  run: Runner;
  /** The same pool for work that ends, in its thread too, when the signal comes; it is rejected with the signal's reason. */
  withSignal(cancelled: AbortSignal): Pool;
  /** Waits until every thread has loaded the kernels. */
  warm(): Promise<void>;
  /** How busy the threads are now. */
  load(): Load;
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Told why a thread ended that was to go on. */
  onLoss?(error: Error): void;
  /** The module that threads run. */
  entry?: URL;
  /** MiB of JavaScript objects that a thread may hold, without the arrays; V8's own default when not given. */
  heapLimit?: number;
}

/** Starts the threads. One that ends, for whatever reason, costs the request that it worked for an error and is replaced. */
export function createPool(
  workers: number,
  { onLoss = () => undefined, entry = new URL('../worker/thread.ts', import.meta.url), heapLimit }: PoolOptions = {},
): Pool {
  const piscina = new Piscina({
    filename: entry.href,
    minThreads: workers,
    maxThreads: workers,
    concurrentTasksPerWorker: 1,
    // task-timing.ts measures what work takes.
    recordTiming: false,
    resourceLimits: { maxOldGenerationSizeMb: heapLimit },
  });
  // Without a listener a thread that ends while it has nothing to do would end the process.
  piscina.on('error', onLoss);

  async function send(job: Job, transferList: ArrayBuffer[], stop: AbortSignal): Promise<TaskResult<unknown>[]> {
    try {
      return await piscina.run(job, { transferList, signal: stop });
    } catch (error) {
      onLoss(error as Error);
      throw error;
    }
  }

  const dispatch = createDispatcher(workers, send);

  function poolUntil(cancelled?: AbortSignal): Pool {
    const run = async (kind: TaskKind<unknown, unknown>, task: unknown) =>
      unpackResult(await recordTiming(kind.phase ?? 'compute', () => dispatch(kind, task, cancelled)));
    return {
      run: Object.assign(run, { width: workers + 3 }) as Runner,
      withSignal: poolUntil,
      async warm() {
        const never = new AbortController().signal;
        await Promise.all(Array.from({ length: workers }, () => send([], [], never)));
      },
      load: () => ({ threads: workers, ...dispatch.load() }),
      async close() {
        await piscina.close();
      },
    };
  }
  return poolUntil();
}
