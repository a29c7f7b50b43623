import { fromFortran } from '#tensor/from-fortran.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import { defineTask } from '#pool/task.ts';

/** Elements in Fortran order as row-major ones. */
export const transposeTask = defineTask({
  name: 'transpose',
  run: ({ header, buffer }: { header: TensorHeader; buffer: ArrayBuffer }): ArrayBuffer => fromFortran(header, buffer),
  transfers: ({ buffer }) => [buffer],
  phase: 'decode',
});
