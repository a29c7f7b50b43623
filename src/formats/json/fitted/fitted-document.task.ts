import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { defineTask } from '#pool/task.ts';
import { writeFitted } from './fitted-document.ts';

/** Writes a document as JSON, UTF-8. */
export const writeFittedTask = defineTask({
  name: 'write_fitted',
  run: (fitted: Fitted): Uint8Array<ArrayBuffer> => writeFitted(fitted),
});
