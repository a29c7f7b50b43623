import { defineTask } from '#pool/task.ts';
import type { EvidenceResult, EvidenceTask } from './steps.ts';

/** Does one step of the work that evidence is made of. Its code is loaded with the first one. */
export const evidenceTask = defineTask({
  name: 'evidence',
  run: async (task: EvidenceTask): Promise<EvidenceResult> => (await import('./run-step.ts')).runEvidence(task),
});
