import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { defineTask } from '#pool/task.ts';
import { readFitted, writeFitted } from './fitted-document.ts';

/** Reads what a transform needs of a document. What only merging needs is left out: it can be large, and would travel with every call. */
export const readFittedTask = defineTask({
  name: 'read_fitted',
  run: (document: Uint8Array): Fitted => ({ ...readFitted(document), states: undefined, sketches: undefined }),
});

/** The document as JSON, UTF-8. */
export const writeFittedTask = defineTask({
  name: 'write_fitted',
  run: (fitted: Fitted): Uint8Array<ArrayBuffer> => writeFitted(fitted),
});
