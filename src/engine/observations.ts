import type { Fit } from '#normalizers/fit.ts';
import { type Fitted, samplesSeen } from '#normalizers/fitted-normalizer.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import type { BufferedTensor } from './buffered-tensor.ts';
import type { NormalizationPlan } from './plan-call.ts';

/** What a call has learned from all blocks. */
export interface Observations {
  /** Blocks buffered for a second scan. */
  inputs: BufferedTensor;
  outputs: BufferedTensor;
  fit?: Fit;
  /** Number of values outside the fitted range. */
  outOfRangeCount?: number;
  /** Values that the normalizer had no image for. */
  outsideDomain: number;
  input?: StatisticsContent;
  output?: StatisticsContent;
}

/** The fitted normalizer of a fit to a tensor. */
export function toFitted(normalization: NormalizationPlan, { dtype, shape }: TensorHeader, fit: Fit): Fitted {
  const { normalizer, method, layout, inputShape, scope } = normalization;
  return {
    normalizer,
    scope,
    keptShape: layout.keptShape,
    parameters: fit.parameters,
    input: { dtype, shape: inputShape },
    samplesSeen: scope === 'dataset' ? samplesSeen(fit) : shape.length > 1 ? shape[0] : 1,
    ...(scope === 'dataset' && method.mergeable
      ? { states: fit.states, sketches: fit.sketches, approximate: fit.sketches && false }
      : {}),
  };
}
