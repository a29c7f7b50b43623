import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { defineTask } from '#pool/task.ts';
import { readFitted, writeFitted } from './fitted-document.ts';

/** Reads a document without its merging state, which can be large and would be sent with every transform. */
export const readFittedTask = defineTask({
  name: 'read_fitted',
  run: (document: Uint8Array): Fitted => ({ ...readFitted(document), states: undefined, sketches: undefined }),
});

/** Writes a document as JSON, UTF-8. */
export const writeFittedTask = defineTask({
  name: 'write_fitted',
  run: (fitted: Fitted): Uint8Array<ArrayBuffer> => writeFitted(fitted),
});
