import type { Fit } from '#normalizers/fit.ts';
import { type Fitted, samplesSeen } from '#normalizers/fitted-normalizer.ts';
import type { ResolvedOptions } from '#normalizers/method.ts';
import type { Misfits } from '#normalizers/misfits.ts';
import type { State } from '#statistics/reduction.ts';
import type { Profile } from '#statistics/drift/profile.ts';
import type { LearnedColumns } from '#tables/select-columns.ts';
import type { Dtype } from '#tensor/dtype.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import type { BufferedTensor } from './blocks/buffered-tensor.ts';
import type { NormalizationPlan } from './plan-call.ts';

/** What a call has learned from all blocks. */
export interface Observations {
  /** Blocks buffered for a second scan. */
  inputs: BufferedTensor;
  outputs: BufferedTensor;
  fit?: Fit;
  /** Number of values outside the fitted range. */
  outOfRangeCount?: number;
  profile?: Profile;
  /** Finite values that came out infinite or NaN. */
  misfits?: Misfits;
  /** The ends of the first block's slices. */
  ends?: State;
  input?: StatisticsContent;
  output?: StatisticsContent;
}

/** The fitted document of what was learned from a tensor. */
export function toFitted(
  normalization: NormalizationPlan,
  { dtype, shape }: TensorHeader,
  fit: Fit,
  profile?: Profile,
  learned?: LearnedColumns,
): Fitted {
  const { method, layout, scope } = normalization;
  return {
    normalizer: learned ? withSelected(normalization.normalizer, learned) : normalization.normalizer,
    scope,
    keptShape: layout.keptShape,
    parameters: fit.parameters,
    input: learned ? tableInput(normalization, dtype, learned) : { dtype, shape: normalization.inputShape },
    samplesSeen: scope === 'dataset' ? samplesSeen(fit) : shape.length > 1 ? shape[0] : 1,
    profile,
    ...(scope === 'dataset' && method.mergeable
      ? { states: fit.states, sketches: fit.sketches, approximate: fit.sketches && false }
      : {}),
  };
}

/** The columns of a table that are normalized, as indexes of its columns of numbers. */
function withSelected(options: ResolvedOptions, learned: LearnedColumns): ResolvedOptions {
  const { columns: read, ...normalizer } = options;
  if (!learned.selected) return read ? normalizer : options;
  const places = new Map(learned.columns.map((name, at) => [name, at]));
  return { ...normalizer, columns: learned.selected.map((name) => places.get(name) ?? 0) };
}

/** A table is what it is as an array, of whose columns the call may have read some. */
function tableInput(
  { inputShape: [rows, width] }: NormalizationPlan,
  dtype: Dtype,
  { columns, passedThrough }: LearnedColumns,
): Fitted['input'] {
  return { dtype, shape: [rows, width === null ? null : columns.length], columns, passedThrough };
}
