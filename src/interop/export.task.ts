import { defineTask } from '#pool/task.ts';
import type { ExportTask } from './export.ts';

/** A fitted normalizer in another library's form. What writes it is loaded when the first export is asked for. */
export const exportTask = defineTask({
  name: 'export',
  run: async (task: ExportTask) => (await import('./export.ts')).exportFitted(task),
  phase: 'encode',
});
