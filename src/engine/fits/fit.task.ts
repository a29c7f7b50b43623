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
import { type BufferedTensor, buffersOf, forEachShown } from '#engine/blocks/buffered-tensor.ts';
import { type FittedGroups, fitGroups } from './fit-groups.ts';
import type { PartJob } from '#engine/parts/part-jobs.ts';
import { inPart } from '#engine/parts/run-part.ts';

export interface FitTask {
  normalizer: ResolvedOptions;
  /** Where it stands in the request. */
  pointer: string;
  layout: Layout;
  states: State[];
  /** The data, if the method needs whole slices. */
  data?: BufferedTensor;
  /** What shows the values that the normalizer takes of a block of them. */
  job?: PartJob;
  /** Where each group of samples has parameters of its own. */
  groups?: FittedGroups;
  /** One weight for each sample. */
  weights?: SampleWeights;
  /** Of the slices, where they are columns that have names. */
  names?: readonly string[];
  /** Whether the slices are sketched, too, for a document that merges. */
  sketches: boolean;
}

/** Fits a normalizer from merged states; transfers the blocks of the data back. */
export const fitTask = defineTask({
  name: 'fit',
  run({ normalizer, pointer, layout, states, data, job, groups, weights, sketches, names }: FitTask): {
    fit: Fit;
    blocks?: Block[];
  } {
    return inPart(pointer, () => {
      if (groups && data && job) return { fit: fitGroups(normalizer, groups, states, data, job), blocks: data.blocks };
      const views = data && job && forEachShown(data, job);
      const slices = views && (weights ? weightedSlices(views, layout, weights) : wholeSlices(views, layout));
      const fit = fitFromStates(normalizer, layout.keptShape, states, slices, names);
      if (slices && sketches) fit.sketches = packSketches(sketchSlices(slices, layout.slices));
      return { fit, blocks: data?.blocks };
    });
  },
  transfers: ({ data }) => (data ? buffersOf(data) : []),
});
