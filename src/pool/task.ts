import type { Phase } from '#telemetry/timeline.ts';

/**
 * A kind of work that worker threads do. It is declared in a file named `*.task.ts`, beside the function that does it; threads
 * find these files by themselves, and the pool knows none of them.
 */
export interface TaskKind<Task, Result> {
  /** Unique among all kinds. */
  name: string;
  /** Runs in a worker thread. The task and its result are plain data. */
  run(task: Task): Result | Promise<Result>;
  /** Buffers of a task that are transferred to the thread; its sender loses them. Shared ones stay where they are. */
  transfers?(task: Task): readonly ArrayBufferLike[];
  /** What its time counts as in traces and metrics; `compute` by default. */
  phase?: Phase;
  /** Whether tasks that arrive in the same turn of the event loop share a trip to a thread: for those that take microseconds. */
  isSmall?: boolean;
}

/** Any kind of task, where its types do not matter. */
export type AnyTaskKind = TaskKind<any, any>;

/** Declares a kind of task. */
export function defineTask<Task, Result>(kind: TaskKind<Task, Result>): TaskKind<Task, Result> {
  return kind;
}

/** Runs a task somewhere: in this thread, or in the pool with the buffers handed over and back. */
export interface Runner {
  <Task, Result>(kind: TaskKind<Task, Result>, task: Task): Promise<Awaited<Result>>;
  /** How many tasks are worth having under way at once. */
  width: number;
}
