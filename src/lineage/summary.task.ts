import { readFitted } from '#formats/json/fitted/fitted-document.ts';
import { defineTask } from '#pool/task.ts';
import { type Summary, summarize } from './summary.ts';

/** The summary of a fitted document. */
export const summarizeTask = defineTask({
  name: 'summarize',
  run: (document: Uint8Array): Summary => summarize(readFitted(document)),
});
