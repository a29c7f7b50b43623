import { now } from '#telemetry/clock.ts';
import { type Phase, addPhaseTime, timelineNow } from '#telemetry/timeline.ts';
import { takeWarnings } from '#telemetry/note-warnings.ts';
import { type TaskResult, packResult } from './task-result.ts';

let encodingMs = 0;

/** Runs a function whose time counts as encoding rather than computing. */
export function timeEncoding<Result>(write: () => Result): Result {
  const from = performance.now();
  try {
    return write();
  } finally {
    encodingMs += performance.now() - from;
  }
}

/** In a worker: runs a task and measures it. */
export async function runTimed(work: () => unknown): Promise<TaskResult<unknown>> {
  encodingMs = 0;
  const from = now();
  const result = await packResult(work);
  return { ...result, worked: { from, to: now(), encoding: encodingMs }, warnings: takeWarnings() };
}

/** On the event loop: sends a task to a thread, and adds its time to the timeline of the current request. */
export async function recordTiming(
  phase: Phase,
  send: () => Promise<TaskResult<unknown>>,
): Promise<TaskResult<unknown>> {
  const timeline = timelineNow();
  const sent = now();
  const result = await send();
  if (timeline && result.warnings) timeline.warnings = result.warnings;
  if (!result.worked) return result;
  const { from, to, encoding } = result.worked;
  addPhaseTime(timeline, 'queue', sent, from);
  addPhaseTime(timeline, phase, from, to, to - from - encoding);
  if (encoding > 0) addPhaseTime(timeline, 'encode', to - encoding, to);
  return result;
}
