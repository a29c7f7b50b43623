import type { Phase } from '#telemetry/timeline.ts';

/**
 * A kind of task for worker threads. It is declared in a file named `*.task.ts`, beside the function that runs it;
 * threads find these files by themselves, and the pool knows none of them.
 */
export interface TaskKind<Task, Result> {
  /** Unique among all kinds. */
  name: string;
  /** Runs in a worker thread. The task and its result are plain data. */
  run(task: Task): Result | Promise<Result>;
  /** Buffers to transfer with a task, which the sender loses. Shared buffers are not transferred. */
  transfers?(task: Task): readonly ArrayBufferLike[];
  /** The phase of its time in traces and metrics. Default `compute`. */
  phase?: Phase;
  /** Whether tasks that arrive in the same turn of the event loop share a job; for tasks of microseconds. */
  isSmall?: boolean;
  /** How large a small task is. */
  bytes?(task: Task): number;
}

/** Any kind of task, where its types do not matter. */
export type AnyTaskKind = TaskKind<any, any>;

/** Declares a kind of task. */
export function defineTask<Task, Result>(kind: TaskKind<Task, Result>): TaskKind<Task, Result> {
  return kind;
}

/** Runs a task, in this thread or on the pool, which transfers its buffers there and back. */
export interface Runner {
  <Task, Result>(kind: TaskKind<Task, Result>, task: Task): Promise<Awaited<Result>>;
  /** Useful number of concurrent tasks. */
  width: number;
}
