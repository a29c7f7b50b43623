import { countIndistinguishable } from '#normalizers/indistinguishable-samples.ts';
import type { Block } from '#tensor/source.ts';
import { defineTask } from '#pool/task.ts';
import { type BufferedTensor, buffersOf, sampleCount, toFloat64 } from './buffered-tensor.ts';

interface IndistinguishableTask {
  inputs: BufferedTensor;
  outputs: BufferedTensor;
}

/** Counts samples that differed from another one and no longer do; transfers the blocks of both sides back. */
export const indistinguishableTask = defineTask({
  name: 'indistinguishable_samples',
  run({ inputs, outputs }: IndistinguishableTask): { count: number; inputs: Block[]; outputs: Block[] } {
    const count = countIndistinguishable(toFloat64(inputs), toFloat64(outputs), sampleCount(inputs.header));
    return { count, inputs: inputs.blocks, outputs: outputs.blocks };
  },
  transfers: ({ inputs, outputs }) => [...buffersOf(inputs), ...buffersOf(outputs)],
});
