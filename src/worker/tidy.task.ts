import { kernels } from '#kernels/kernels.ts';
import { collectGarbage } from '#memory/collect-garbage.ts';
import { defineTask } from '#pool/task.ts';
import type { TidyTask } from '#pool/tidy.ts';

/** Frees what an idle thread can free. A thread whose kernels hold too much, which never shrinks, waits to be terminated. */
export const tidyTask = defineTask({
  name: 'tidy',
  async run({ maxKernelBytes }: TidyTask): Promise<void> {
    collectGarbage();
    if (kernels.memory.buffer.byteLength > maxKernelBytes) await new Promise(() => undefined);
  },
});
