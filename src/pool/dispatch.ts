import type { AnyTaskKind } from './task.ts';
import type { TaskResult } from './task-result.ts';

/**
 * Maximum small tasks in one job, and their bytes together: up to here a second thread costs more than it saves. Admission
 * takes a queue for drained that has no more for each thread.
 */
const [maxTasksPerJob, maxBytesPerJob] = [32, 2 ** 16];

/** Milliseconds that a cancelled job may still run: most jobs end by then, and a new thread takes about as long. */
const cancelGraceMs = 1000;

/** One task, or several small ones that arrived at the same time, each with the name of its kind. */
export type Job = readonly { kind: string; task: unknown }[];

/**
 * Runs a job in an idle thread until it ends, or until `stop` terminates the thread.
 * @throws Error if the thread exits before the job ends
 */
export type Send = (job: Job, transferList: ArrayBuffer[], stop: AbortSignal) => Promise<TaskResult<unknown>[]>;

/** Dispatches tasks to threads, each of which has one job at a time. */
export interface Dispatch {
  /**
   * Tasks with the same signal belong to one request; requests with waiting tasks take turns.
   * @param cancelled rejects the promise at once with its reason; the task is not started, or is stopped
   * @throws Error if a thread exited while it ran this task
   */
  (kind: AnyTaskKind, task: unknown, cancelled?: AbortSignal): Promise<TaskResult<unknown>>;
  /** Busy threads and waiting tasks. */
  load(): { busy: number; waiting: number };
}

interface Waiting {
  kind: AnyTaskKind;
  task: unknown;
  /** The start tag of fair queueing. */
  turn: number;
  /** Whether a thread exited while it ran this task and others: it then runs alone. */
  runsAlone: boolean;
  /** Whether it was cancelled. */
  dropped: boolean;
  done(outcome: TaskResult<unknown>): void;
  failed(error: unknown): void;
  /** Called if it is cancelled while a thread runs it. */
  onDrop?(): void;
}

/**
 * Large and small tasks take turns; waiting small tasks share a job. Requests with large tasks take turns as well, by
 * start-time fair queueing (Goyal, Vin and Cheng 1996), so that a request with one task does not wait for all tasks of
 * a large request.
 *
 * A thread has one job at a time, so a thread that exits fails only the request of that job; small tasks that shared
 * the job are each retried once, alone.
 */
export function createDispatcher(threads: number, send: Send): Dispatch {
  /** Ordered by turn. */
  const tasks: Waiting[] = [];
  const lastTurns = new WeakMap<AbortSignal, number>();
  let turnNow = 0;
  const smallTasks: Waiting[] = [];
  let busy = 0;
  let busyWithLarge = 0;
  let awaitingTurn = false;
  let takesSmallNext = false;

  function start(): void {
    for (;;) {
      const job = next();
      if (job.length === 0) return;
      void runJob(job);
    }
  }

  function next(): Waiting[] {
    const mayTakeLarge = busy < threads;
    // One thread more if large tasks have all, because they may take seconds.
    const mayTakeSmall = mayTakeLarge || (busy === threads && busyWithLarge === threads);
    const hasSmall = mayTakeSmall && smallTasks.length > 0 && !awaitingTurn;
    if (!hasSmall && !mayTakeLarge) return [];
    const takesSmall = hasSmall && (takesSmallNext || tasks.length === 0 || !mayTakeLarge);
    takesSmallNext = !takesSmall;
    if (!takesSmall) {
      turnNow = tasks[0]?.turn ?? turnNow;
      return tasks.splice(0, 1);
    }
    const alone = smallTasks.findIndex(({ runsAlone }) => runsAlone);
    return alone < 0 ? smallTasks.splice(0, fullTrip(smallTasks)) : smallTasks.splice(alone, 1);
  }

  async function runJob(job: Waiting[]): Promise<void> {
    busy += 1;
    const isLarge = !job[0].kind.isSmall;
    if (isLarge) busyWithLarge += 1;
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
      if (isLarge) busyWithLarge -= 1;
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
    // Small tasks that arrive in the same turn of the event loop share a job.
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

  /** A request without waiting tasks starts in the current turn. */
  function turnOf(request: AbortSignal | undefined): number {
    if (!request) return turnNow;
    const turn = Math.max(turnNow, (lastTurns.get(request) ?? -1) + 1);
    lastTurns.set(request, turn);
    return turn;
  }

  const load = () => ({ busy: Math.min(busy, threads), waiting: tasks.length + smallTasks.length });

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

/** How many of the waiting small tasks go to a thread together, at least one. */
function fullTrip(waiting: readonly Waiting[]): number {
  let bytes = 0;
  for (let count = 0; count < waiting.length; count++) {
    const { kind, task } = waiting[count];
    bytes += kind.bytes?.(task) ?? 0;
    if (count === maxTasksPerJob || (count > 0 && bytes > maxBytesPerJob)) return count;
  }
  return waiting.length;
}

/** The buffers to transfer with a task; shared buffers are not transferred. */
function transferredBuffers({ kind, task }: Waiting): ArrayBuffer[] {
  return (kind.transfers?.(task) ?? []).filter((buffer) => buffer instanceof ArrayBuffer);
}
