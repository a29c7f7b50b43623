import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { readFitted } from '#formats/json/fitted/fitted-document.ts';
import { defineTask } from '#pool/task.ts';
import { type Binning, createBinning } from './binning.ts';

/**
 * Reads a document for transforms, with the bins that their values are counted by, and without its profile and its merging
 * state, which can be large and would be sent with every transform.
 */
export const readNormalizerTask = defineTask({
  name: 'read_normalizer',
  run(document: Uint8Array): { fitted: Fitted; binning?: Binning } {
    const fitted = readFitted(document);
    const binning = createBinning(fitted);
    return { fitted: { ...fitted, states: undefined, sketches: undefined, profile: undefined }, binning };
  },
});
