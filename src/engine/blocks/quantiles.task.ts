import { quantilesOf } from '#statistics/quantiles/quantiles.ts';
import { layoutOf } from '#tensor/layout.ts';
import { selectedShape } from '#tensor/shape.ts';
import type { Block } from '#tensor/source.ts';
import { defineTask } from '#pool/task.ts';
import { type BufferedTensor, buffersOf, forEachView } from './buffered-tensor.ts';

export interface QuantilesTask {
  data: BufferedTensor;
  columns?: number[];
  reduced: boolean[];
  quantiles: readonly number[];
}

/** Exact quantiles of every slice; transfers the blocks of the data back. */
export const quantilesTask = defineTask({
  name: 'quantiles',
  run({ data, columns, reduced, quantiles }: QuantilesTask): { values: Float64Array<ArrayBuffer>; blocks: Block[] } {
    const layout = layoutOf(selectedShape(data.header.shape, columns), reduced);
    return { values: quantilesOf(forEachView(data, columns), layout, quantiles), blocks: data.blocks };
  },
  transfers: ({ data }) => buffersOf(data),
});
