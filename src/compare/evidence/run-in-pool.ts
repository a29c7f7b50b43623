import type { Runner } from '#pool/task.ts';
import { evidenceTask } from './evidence.task.ts';
import type { Steps } from './steps.ts';

/** Has a step done in the pool. */
export async function runStep<Name extends keyof Steps>(
  run: Runner,
  step: Steps[Name]['step'] & { name: Name },
): Promise<Steps[Name]['result']> {
  return (await run(evidenceTask, { step })) as Steps[Name]['result'];
}
