import type { NotedWarning } from '#telemetry/timeline.ts';
import { type Place, Problem, type ProblemCode } from '#errors.ts';

/**
 * The result or error of a task as plain data, because an Error loses its `code` on the way out of a thread
 * (https://github.com/piscinajs/piscina/issues/1143).
 */
export type TaskResult<Result> = (
  | { result: Result }
  | { problem: { code: ProblemCode; detail: string; errors: readonly Place[] } }
  | { failure: string }
) & { worked?: WorkerTiming; warnings?: readonly NotedWarning[] };

/** When a thread ran a task, on the clock of `now`, and how much of that time was encoding. */
export interface WorkerTiming {
  from: number;
  to: number;
  encoding: number;
}

/** Runs a function and packs its result or error. */
export async function packResult<Result>(work: () => Result | Promise<Result>): Promise<TaskResult<Result>> {
  try {
    return { result: await work() };
  } catch (error) {
    if (error instanceof Problem) return { problem: { code: error.code, detail: error.message, errors: error.errors } };
    return { failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Returns the result, or throws the error. */
export function unpackResult<Result>(outcome: TaskResult<Result>): Result {
  if ('result' in outcome) return outcome.result;
  if ('problem' in outcome) throw new Problem(outcome.problem.code, outcome.problem.detail, outcome.problem.errors);
  throw new Error(`Worker task failed: ${outcome.failure}`);
}
