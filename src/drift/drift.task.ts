import { defineTask } from '#pool/task.ts';
import type { DriftTask } from './render-drift.ts';

/** Compares a batch with what was fitted. The code is loaded with the first task. */
export const driftTask = defineTask({
  name: 'drift',
  run: async (task: DriftTask) => (await import('./render-drift.ts')).renderDrift(task),
});
