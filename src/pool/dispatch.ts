import type { AnyTaskKind } from './task.ts';
import type { TaskResult } from './task-result.ts';

/** Small tasks that go to a thread as one job at most. */
const maxTasksPerJob = 32;

/** Milliseconds that a cancelled job may still take: most end by themselves, and a new thread costs about as much. */
const cancelGraceMs = 1000;

/** What a thread is asked: one task, or some small ones that came at the same time, each by the name of its kind. */
export type Job = readonly { kind: string; task: unknown }[];

/**
 * Runs a job in a thread of its own until it ends, or until `stop` ends the thread.
 * @throws Error when the thread ends before the job
 */
export type Send = (job: Job, transferList: ArrayBuffer[], stop: AbortSignal) => Promise<TaskResult<unknown>[]>;

/** Hands work to threads, each of which has one job at a time. */
export interface Dispatch {
  /**
   * Tasks under one signal are one request's, and requests with tasks that wait take turns.
   * @param cancelled with its reason the promise is rejected at once; the work itself is not begun any more, or ended
   * @throws Error when a thread ended under this work
   */
  (kind: AnyTaskKind, task: unknown, cancelled?: AbortSignal): Promise<TaskResult<unknown>>;
  /** Threads that have a job, and what waits for one. */
  load(): { busy: number; waiting: number };
}

interface Waiting {
  kind: AnyTaskKind;
  task: unknown;
  /** Whose turn a task is in. */
  turn: number;
  /** Whether a thread has ended under this one and others: it goes alone from then on. */
  runsAlone: boolean;
  /** Whether nobody waits for it any more. */
  dropped: boolean;
  done(outcome: TaskResult<unknown>): void;
  failed(error: unknown): void;
  /** Called when it is dropped while a thread works on it. */
  onDrop?(): void;
}

/**
 * Large and small tasks take turns; small ones that wait go together. The requests that large tasks belong to take turns as
 * well, by start-time fair queueing (Goyal, Vin and Cheng 1996): a request with one task does not wait for all those of a
 * large request.
 *
 * Since a thread has one job at a time, a thread that ends costs the request whose job that was, and no other: of small tasks
 * that shared a job, each is tried once more by itself.
 */
export function createDispatcher(threads: number, send: Send): Dispatch {
  /** By their turns. */
  const tasks: Waiting[] = [];
  const lastTurns = new WeakMap<AbortSignal, number>();
  let turnNow = 0;
  const smallTasks: Waiting[] = [];
  let busy = 0;
  let awaitingTurn = false;
  let takesSmallNext = false;

  function start(): void {
    while (busy < threads) {
      const job = next();
      if (job.length === 0) return;
      void runJob(job);
    }
  }

  function next(): Waiting[] {
    const takesSmall = smallTasks.length > 0 && !awaitingTurn && (takesSmallNext || tasks.length === 0);
    takesSmallNext = !takesSmall;
    if (!takesSmall) {
      turnNow = tasks[0]?.turn ?? turnNow;
      return tasks.splice(0, 1);
    }
    const share = Math.min(maxTasksPerJob, Math.ceil(smallTasks.length / threads));
    const alone = smallTasks.findIndex(({ runsAlone }) => runsAlone);
    return alone < 0 ? smallTasks.splice(0, share) : smallTasks.splice(alone, 1);
  }

  async function runJob(job: Waiting[]): Promise<void> {
    busy += 1;
    const stop = new AbortController();
    let timer: NodeJS.Timeout | undefined;
    for (const one of job) one.onDrop = () => (timer ??= setTimeout(() => stop.abort(), cancelGraceMs));
    try {
      const results = await send(
        job.map(({ kind, task }) => ({ kind: kind.name, task })),
        job.flatMap(transferredBuffers),
        stop.signal,
      );
      job.forEach(({ done }, at) => done(results[at]));
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
    for (const one of others) Object.assign(one, { runsAlone: true, onDrop: undefined });
    smallTasks.unshift(...others);
  }

  function add(one: Waiting): void {
    if (!one.kind.isSmall) {
      tasks.splice(tasks.findLastIndex(({ turn }) => turn <= one.turn) + 1, 0, one);
      start();
      return;
    }
    smallTasks.push(one);
    // Those that arrive in the same turn of the event loop share a trip.
    if (!awaitingTurn) setImmediate(startSmallTasks);
    awaitingTurn = true;
  }

  function startSmallTasks(): void {
    awaitingTurn = false;
    start();
  }

  function drop(one: Waiting): void {
    one.dropped = true;
    if (one.onDrop) {
      one.onDrop();
      return;
    }
    const line = one.kind.isSmall ? smallTasks : tasks;
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

  const load = () => ({ busy, waiting: tasks.length + smallTasks.length });

  function dispatch(kind: AnyTaskKind, task: unknown, cancelled?: AbortSignal): Promise<TaskResult<unknown>> {
    const { promise, resolve, reject } = Promise.withResolvers<TaskResult<unknown>>();
    const turn = kind.isSmall ? 0 : turnOf(cancelled);
    const one: Waiting = { kind, task, turn, runsAlone: false, dropped: false, done: resolve, failed: reject };
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

/** The buffers of a task that go to the thread; those that threads share stay where they are. */
function transferredBuffers({ kind, task }: Waiting): ArrayBuffer[] {
  return (kind.transfers?.(task) ?? []).filter((buffer) => buffer instanceof ArrayBuffer);
}
