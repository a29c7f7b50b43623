import { collectGarbage } from '#memory/collect-garbage.ts';
import type { Job } from './dispatch.ts';

/** What an idle thread is asked to do by the task `tidy`. */
export interface TidyTask {
  /** Bytes of the kernels' memory, which does not shrink, above which a thread is replaced. */
  maxKernelBytes: number;
}

/** Milliseconds without work after which threads with much memory are replaced. */
export const idleMs = 15_000;

/** Bytes of its kernels' memory with which an idle thread is replaced, and milliseconds it has to tidy up. */
const [maxKernelBytes, tidyMs] = [2 ** 26, 500];

/** Gives memory back when large requests have ended. */
export interface Tidier {
  /** Collects garbage here and in every thread. */
  tidy(): void;
  /** Called when a job starts, and when it has ended. */
  begin(): void;
  end(): void;
  close(): void;
}

/** @param send runs a job in an idle thread; aborting terminates the thread */
export function createTidier(threads: number, send: (job: Job, stop?: AbortSignal) => Promise<unknown>): Tidier {
  let jobs = 0;
  const idle = setTimeout(replaceLarge, idleMs).unref();

  function ask(task: TidyTask, stop?: AbortSignal): void {
    for (let thread = 0; thread < threads; thread++) void send([{ kind: 'tidy', task }], stop).catch(ignore);
    collectGarbage();
  }

  function replaceLarge(): void {
    if (jobs > 0) return;
    const stop = new AbortController();
    ask({ maxKernelBytes }, stop.signal);
    // Threads that have not answered by then are terminated and replaced.
    setTimeout(() => stop.abort(), tidyMs).unref();
  }

  return {
    tidy: () => ask({ maxKernelBytes: Infinity }),
    begin() {
      jobs += 1;
    },
    end() {
      jobs -= 1;
      if (jobs === 0) idle.refresh();
    },
    close: () => clearTimeout(idle),
  };
}

const ignore = () => undefined;
