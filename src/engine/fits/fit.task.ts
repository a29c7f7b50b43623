import { type Fit, fitFromStates } from '#normalizers/fit.ts';
import type { ResolvedOptions } from '#normalizers/method.ts';
import type { SampleWeights } from '#statistics/reduce-block.ts';
import { packSketches } from '#statistics/packed-sketches.ts';
import { sketchSlices } from '#statistics/sketched-slices.ts';
import type { State } from '#statistics/reduction.ts';
import { weightedSlices } from '#statistics/weighted-slices.ts';
import { wholeSlices } from '#statistics/whole-slices.ts';
import type { Layout } from '#tensor/layout.ts';
import type { Block } from '#tensor/source.ts';
import { defineTask } from '#pool/task.ts';
import { type BufferedTensor, buffersOf, forEachView } from '#engine/blocks/buffered-tensor.ts';

export interface FitTask {
  normalizer: ResolvedOptions;
  layout: Layout;
  states: State[];
  /** The data, if the method needs whole slices. */
  data?: BufferedTensor;
  /** One weight for each sample. */
  weights?: SampleWeights;
  /** Whether the slices are sketched, too, for a document that merges. */
  sketches: boolean;
  /** Of the slices, where they are columns that have names. */
  names?: readonly string[];
}

/** Fits a normalizer from merged states; transfers the blocks of the data back. */
export const fitTask = defineTask({
  name: 'fit',
  run({ normalizer, layout, states, data, weights, sketches, names }: FitTask): { fit: Fit; blocks?: Block[] } {
    const views = data && forEachView(data, normalizer.columns);
    const slices = views && (weights ? weightedSlices(views, layout, weights) : wholeSlices(views, layout));
    const fit = fitFromStates(normalizer, layout.keptShape, states, slices, names);
    if (slices && sketches) fit.sketches = packSketches(sketchSlices(slices, layout.slices));
    return { fit, blocks: data?.blocks };
  },
  transfers: ({ data }) => (data ? buffersOf(data) : []),
});
