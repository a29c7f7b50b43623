import { fromFortran } from '#tensor/from-fortran.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { defineTask } from '#pool/task.ts';

/** Transposes elements from Fortran order to row-major order. */
export const transposeTask = defineTask({
  name: 'transpose',
  run: ({ header, buffer }: { header: TensorHeader; buffer: ArrayBuffer }): ArrayBuffer => fromFortran(header, buffer),
  transfers: ({ buffer }) => [buffer],
  phase: 'decode',
});
