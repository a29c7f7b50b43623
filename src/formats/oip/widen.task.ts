import { defineTask } from '#pool/task.ts';
import { widenBfloat16 } from './datatypes.ts';

/** Widens bfloat16 elements to float32. */
export const widenTask = defineTask({
  name: 'widen_bfloat16',
  run: (elements: ArrayBuffer): ArrayBuffer => widenBfloat16(elements),
  transfers: (elements) => [elements],
});
