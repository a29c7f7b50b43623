import type { Fit } from '#normalizers/fit.ts';
import { type Fitted, samplesSeen } from '#normalizers/fitted-normalizer.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import type { Held } from './buffered-tensor.ts';
import type { Normalization } from './plan-call.ts';

/** What a call has found out when all blocks have gone by. */
export interface Seen {
  /** The blocks that were kept for another look. */
  inputs: Held;
  outputs: Held;
  fit?: Fit;
  /** Values outside the range that was fitted. */
  outside?: number;
  input?: StatisticsContent;
  output?: StatisticsContent;
}

/** The fitted document of what was learned from a tensor. */
export function toFitted(normalization: Normalization, { dtype, shape }: TensorHeader, fit: Fit): Fitted {
  const { normalizer, method, layout, inputShape, scope } = normalization;
  return {
    ...{ normalizer, scope, keptShape: layout.keptShape, parameters: fit.parameters },
    input: { dtype, shape: inputShape },
    samplesSeen: scope === 'dataset' ? samplesSeen(fit) : shape.length > 1 ? shape[0] : 1,
    ...(scope === 'dataset' && method.mergeable
      ? { states: fit.states, sketches: fit.sketches, approximate: fit.sketches && false }
      : {}),
  };
}
