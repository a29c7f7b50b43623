import { defineTask } from '#pool/task.ts';
import type { RenderTask } from './render.ts';

/** A comparison as the text of its answer. What draws it is loaded when the first one is asked for. */
export const renderTask = defineTask({
  name: 'render_comparison',
  run: async (task: RenderTask) => (await import('./render.ts')).renderComparison(task),
  phase: 'encode',
});
