import { Piscina } from 'piscina';
import type { Load } from '#telemetry/metrics.ts';
import { createDispatcher } from './dispatch.ts';
import { recordTiming, phaseOf } from './task-timing.ts';
import { type TaskResult, unpackResult } from './task-result.ts';
import { noteProcessed } from '#engine/processed.ts';
import type { Runner, Task } from '#worker/tasks.ts';
import type { Job, SmallCall } from '#worker/worker.ts';

/** The worker threads that all numeric work is done in. */
export interface Pool {
  /** Runs one task of a large call; its blocks are handed over and come back. */
  run: Runner;
  /** Answers a small call whole, JSON as text. Calls that come in the same turn of the event loop share a trip to a worker. */
  runSmallCall(call: SmallCall): Promise<Uint8Array | string>;
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
    ...{ minThreads: workers, maxThreads: workers, concurrentTasksPerWorker: 1 },
    // What work takes is measured by measured.ts.
    recordTiming: false,
    resourceLimits: { maxOldGenerationSizeMb: heapLimit },
  });
  // Without a listener a thread that ends while it has nothing to do would end the process.
  piscina.on('error', onLoss);

  async function send(job: Job, stop: AbortSignal): Promise<TaskResult<unknown>[]> {
    try {
      return await piscina.run(job, { transferList: 'task' in job ? transferredBuffers(job.task) : [], signal: stop });
    } catch (error) {
      onLoss(error as Error);
      throw error;
    }
  }

  const dispatch = createDispatcher(workers, send);

  function poolUntil(cancelled?: AbortSignal): Pool {
    const run = async (task: Task) =>
      unpackResult(await recordTiming(phaseOf(task), () => dispatch({ task }, cancelled)));
    return {
      run: Object.assign(run, { width: workers + 3 }) as Runner,
      async runSmallCall(call) {
        const answer = unpackResult(await recordTiming('compute', () => dispatch({ call }, cancelled)));
        noteProcessed(call.call, call.tensor);
        return answer as Uint8Array | string;
      },
      withSignal: poolUntil,
      async warm() {
        const never = new AbortController().signal;
        await Promise.all(Array.from({ length: workers }, () => send({ calls: [] }, never)));
      },
      load: () => ({ threads: workers, ...dispatch.load() }),
      async close() {
        await piscina.close();
      },
    };
  }
  return poolUntil();
}

/** The buffers of a task that its sender has no use for until they come back; those that threads share stay where they are. */
function transferredBuffers(task: Task): ArrayBuffer[] {
  return buffersOf(task).filter((buffer) => buffer instanceof ArrayBuffer);
}

function buffersOf(task: Task): ArrayBufferLike[] {
  if (task.kind === 'blocks')
    return task.work.flatMap(({ block, spare }) => (spare ? [block.buffer, spare] : [block.buffer]));
  if (task.kind === 'decode' || task.kind === 'decode_inference' || task.kind === 'merge_request') return [task.body];
  if (task.kind === 'transpose' || task.kind === 'weights' || task.kind === 'widen') return [task.buffer];
  if (task.kind === 'csv') return [task.bytes];
  if (task.kind === 'to_rows') return [task.columns.buffer];
  if (task.kind === 'learn') return task.held?.blocks.map((block) => block.buffer) ?? [];
  if (task.kind === 'quantiles') return task.held.blocks.map((block) => block.buffer);
  if (task.kind === 'scale_lost') return [...task.inputs.blocks, ...task.outputs.blocks].map((block) => block.buffer);
  return [];
}
