import { defineTask } from '#pool/task.ts';
import type { DiffTask } from './render-diff.ts';

/** Compares two fitted documents. The code is loaded with the first task. */
export const diffTask = defineTask({
  name: 'diff',
  run: async (task: DiffTask) => (await import('./render-diff.ts')).renderDiff(task),
});
