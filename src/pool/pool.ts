import { Piscina } from 'piscina';
import type { Load } from '#telemetry/metrics.ts';
import { createDispatcher, type Job } from './dispatch.ts';
import type { Runner, TaskKind } from './task.ts';
import { createTidier, idleMs } from './tidy.ts';
import { type TaskResult, unpackResult } from './task-result.ts';
import { recordTiming } from './task-timing.ts';

/** The worker threads, which do all numeric work. */
export interface Pool {
  /** Runs a task in a thread; its buffers are transferred there, and those of the result back. */
  run: Runner;
  /** The same pool, with tasks that the signal cancels: they stop in their threads and reject with its reason. */
  withSignal(cancelled: AbortSignal): Pool;
  /** Waits until every thread has loaded the kernels. */
  warm(): Promise<void>;
  /** Collects garbage here, and in every thread when it is idle. */
  tidy(): void;
  /** How busy the threads are now. */
  load(): Load;
  close(): Promise<void>;
}

export interface PoolOptions {
  /** Called with the error of a thread that exited unexpectedly. */
  onLoss?(error: Error): void;
  /** The module that threads run. */
  entry?: URL;
  /** V8 heap limit of a thread in MiB, typed arrays excluded. Default: V8's own. */
  heapLimit?: number;
}

/** Starts the threads. A thread that exits fails only the request it worked for, and is replaced. */
export function createPool(
  workers: number,
  { onLoss = () => undefined, entry = new URL('../worker/thread.ts', import.meta.url), heapLimit }: PoolOptions = {},
): Pool {
  const piscina = new Piscina({
    filename: entry.href,
    minThreads: workers,
    // One more serves small tasks while large ones have all threads, and ends when idle.
    maxThreads: workers + 1,
    idleTimeout: idleMs,
    concurrentTasksPerWorker: 1,
    // task-timing.ts measures instead.
    recordTiming: false,
    resourceLimits: { maxOldGenerationSizeMb: heapLimit },
  });
  // Without a listener, an idle thread that exits would end the process.
  piscina.on('error', onLoss);

  const tidier = createTidier(workers, (job, signal) => piscina.run(job, { signal }));

  async function send(job: Job, transferList: ArrayBuffer[], stop: AbortSignal): Promise<TaskResult<unknown>[]> {
    tidier.begin();
    try {
      return await piscina.run(job, { transferList, signal: stop });
    } catch (error) {
      onLoss(error as Error);
      throw error;
    } finally {
      tidier.end();
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
      tidy: tidier.tidy,
      load: () => ({ threads: workers, ...dispatch.load() }),
      async close() {
        tidier.close();
        await piscina.close();
      },
    };
  }
  return poolUntil();
}
