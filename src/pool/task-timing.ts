import { now } from '#telemetry/clock.ts';
import { type Phase, addPhaseTime, timelineNow } from '#telemetry/timeline.ts';
import { takeEncodingTime } from './encode-clock.ts';
import { type TaskResult, packResult } from './task-result.ts';
import type { Task } from '#worker/tasks.ts';

/** In a worker: settles a piece of work, and measures it. */
export async function runTimed(work: () => unknown): Promise<TaskResult<unknown>> {
  takeEncodingTime();
  const from = now();
  const outcome = await packResult(work);
  return { ...outcome, worked: { from, to: now(), encoding: takeEncodingTime() } };
}

/** On the event loop: has work done in a thread, and adds what that took to the timeline of the request under way. */
export async function recordTiming(
  phase: Phase,
  send: () => Promise<TaskResult<unknown>>,
): Promise<TaskResult<unknown>> {
  const timeline = timelineNow();
  const asked = now();
  const outcome = await send();
  if (!outcome.worked) return outcome;
  const { from, to, encoding } = outcome.worked;
  addPhaseTime(timeline, 'queue', asked, from);
  addPhaseTime(timeline, phase, from, to, to - from - encoding);
  if (encoding > 0) addPhaseTime(timeline, 'encode', to - encoding, to);
  return outcome;
}

/** What the time of a task counts as, where that is not computing. */
const phases: Partial<Record<Task['kind'], Phase>> = {
  ...{ decode: 'decode', decode_inference: 'decode', transpose: 'decode', weights: 'decode' },
  ...{ archive: 'encode', render: 'encode', draw: 'encode', export: 'encode' },
};

export function phaseOf({ kind }: Task): Phase {
  return phases[kind] ?? 'compute';
}
