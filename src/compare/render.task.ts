import { defineTask } from '#pool/task.ts';
import type { RenderTask } from './render.ts';

/** Renders a comparison as the text of its response. The rendering code is loaded with the first one. */
export const renderTask = defineTask({
  name: 'render_comparison',
  run: async (task: RenderTask) => (await import('./render.ts')).renderComparison(task),
  phase: 'encode',
});
