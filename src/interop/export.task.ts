import { defineTask } from '#pool/task.ts';
import type { ExportTask } from './export.ts';

/** Exports a fitted normalizer to another library's format. The export code is loaded with the first export. */
export const exportTask = defineTask({
  name: 'export',
  run: async (task: ExportTask) => (await import('./export.ts')).exportFitted(task),
  phase: 'encode',
});
