import type { TaskResult } from './task-result.ts';
import type { Task } from '#worker/tasks.ts';
import type { Job, SmallCall } from '#worker/worker.ts';

/** Small calls that go to a thread as one job at most. */
const maxCallsPerJob = 32;

/** Milliseconds that a cancelled job may still take: most end by themselves, and a new thread costs about as much. */
const cancelGraceMs = 1000;

/** What a thread is asked to do. */
export type QueuedWork = { task: Task } | { call: SmallCall };

/**
 * Runs a job in a thread of its own until it ends, or until `stop` ends the thread.
 * @throws Error when the thread ends before the job
 */
export type Send = (job: Job, stop: AbortSignal) => Promise<TaskResult<unknown>[]>;

/** Hands work to threads, each of which has one job at a time. */
export interface Dispatch {
  /**
   * Tasks under one signal are one request's, and requests with tasks that wait take turns.
   * @param cancelled with its reason the promise is rejected at once; the work itself is not begun any more, or ended
   * @throws Error when a thread ended under this work
   */
  (work: QueuedWork, cancelled?: AbortSignal): Promise<TaskResult<unknown>>;
  /** Threads that have a job, and what waits for one. */
  load(): { busy: number; waiting: number };
}

interface Waiting {
  work: QueuedWork;
  /** Whose turn a task is in. */
  turn: number;
  /** Whether a thread has ended under this one and others: it goes alone from then on. */
  suspect: boolean;
  /** Whether nobody waits for it any more. */
  dropped: boolean;
  done(outcome: TaskResult<unknown>): void;
  failed(error: unknown): void;
  /** Called when it is dropped while a thread works on it. */
  onDrop?(): void;
}

/**
 * Tasks and small calls take turns; calls that wait go together. The requests that tasks are of take turns as well, by
 * start-time fair queueing (Goyal, Vin and Cheng 1996): who has one task does not wait for all that large ones have laid out.
 *
 * Since a thread has one job at a time, a thread that ends costs the request whose job that was, and no other: of calls that
 * shared a job, each is tried once more by itself.
 */
export function createDispatcher(threads: number, send: Send): Dispatch {
  /** By their turns. */
  const tasks: Waiting[] = [];
  const lastTurns = new WeakMap<AbortSignal, number>();
  let turnNow = 0;
  const calls: Waiting[] = [];
  let busy = 0;
  let awaitingTurn = false;
  let callsNext = false;

  function start(): void {
    while (busy < threads) {
      const job = next();
      if (job.length === 0) return;
      void carryOut(job);
    }
  }

  function next(): Waiting[] {
    const takesCalls = calls.length > 0 && !awaitingTurn && (callsNext || tasks.length === 0);
    callsNext = !takesCalls;
    if (!takesCalls) {
      turnNow = tasks[0]?.turn ?? turnNow;
      return tasks.splice(0, 1);
    }
    const share = Math.min(maxCallsPerJob, Math.ceil(calls.length / threads));
    const alone = calls.findIndex(({ suspect }) => suspect);
    return alone < 0 ? calls.splice(0, share) : calls.splice(alone, 1);
  }

  async function carryOut(job: Waiting[]): Promise<void> {
    busy += 1;
    const stop = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    for (const one of job) one.onDrop = () => (timer ??= setTimeout(() => stop.abort(), cancelGraceMs));
    try {
      const outcomes = await send(toJob(job), stop.signal);
      job.forEach(({ done }, at) => done(outcomes[at]));
    } catch (error) {
      lost(job, error);
    } finally {
      clearTimeout(timer);
      busy -= 1;
      start();
    }
  }

  function lost(job: Waiting[], error: unknown): void {
    if (job.length === 1) {
      job[0].failed(error);
      return;
    }
    const others = job.filter(({ dropped }) => !dropped);
    for (const one of others) Object.assign(one, { suspect: true, onDrop: undefined });
    calls.unshift(...others);
  }

  function add(one: Waiting): void {
    if ('task' in one.work) {
      tasks.splice(tasks.findLastIndex(({ turn }) => turn <= one.turn) + 1, 0, one);
      start();
      return;
    }
    calls.push(one);
    // Calls that come in the same turn of the event loop share a trip.
    if (!awaitingTurn) setImmediate(startCalls);
    awaitingTurn = true;
  }

  function startCalls(): void {
    awaitingTurn = false;
    start();
  }

  function drop(one: Waiting): void {
    one.dropped = true;
    if (one.onDrop) {
      one.onDrop();
      return;
    }
    const line = 'task' in one.work ? tasks : calls;
    const at = line.indexOf(one);
    if (at >= 0) line.splice(at, 1);
  }

  /** A request that has none waiting is in the turn that is now. */
  function turnOf(request: AbortSignal | undefined): number {
    if (!request) return turnNow;
    const turn = Math.max(turnNow, (lastTurns.get(request) ?? -1) + 1);
    lastTurns.set(request, turn);
    return turn;
  }

  const load = () => ({ busy, waiting: tasks.length + calls.length });

  function dispatch(work: QueuedWork, cancelled?: AbortSignal): Promise<TaskResult<unknown>> {
    const { promise, resolve, reject } = Promise.withResolvers<TaskResult<unknown>>();
    const turn = 'task' in work ? turnOf(cancelled) : 0;
    const one: Waiting = { work, turn, suspect: false, dropped: false, done: resolve, failed: reject };
    if (cancelled?.aborted) return Promise.reject(cancelled.reason);
    if (cancelled) {
      const cancel = () => {
        reject(cancelled.reason);
        drop(one);
      };
      cancelled.addEventListener('abort', cancel, { once: true });
      const settled = () => cancelled.removeEventListener('abort', cancel);
      promise.then(settled, settled);
    }
    add(one);
    return promise;
  }
  return Object.assign(dispatch, { load });
}

function toJob(job: readonly Waiting[]): Job {
  const [{ work }] = job;
  if ('task' in work) return work;
  return { calls: job.map((one) => (one.work as { call: SmallCall }).call) };
}
