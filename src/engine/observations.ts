import type { Fit } from '#normalizers/fit.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { ResolvedOptions } from '#normalizers/method.ts';
import { compositionOf } from '#normalizers/composition/parts.ts';
import type { Misfits } from '#normalizers/misfits.ts';
import type { State } from '#statistics/reduction.ts';
import type { Profile } from '#statistics/drift/profile.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import type { BufferedTensor } from './blocks/buffered-tensor.ts';
import { fittedOf } from './parts/fitted-of-parts.ts';
import type { CallTable, NormalizationPlan } from './plan-call.ts';

/** What a call has learned from all blocks. */
export interface Observations {
  /** Blocks buffered for a second scan. */
  inputs: BufferedTensor;
  outputs: BufferedTensor;
  /** What the plain normalizers learned, by their places in the plan. */
  fits: Map<number, Fit>;
  /** Number of values outside the fitted range. */
  outOfRangeCount?: number;
  profile?: Profile;
  /** Finite values that came out infinite or NaN. */
  misfits?: Misfits;
  /** The ends of the first block's slices, by normalizer. */
  ends: Map<number, State>;
  input?: StatisticsContent;
  output?: StatisticsContent;
}

/** The fitted document of what was learned from a tensor. */
export function toFitted(
  { root }: NormalizationPlan,
  { dtype }: TensorHeader,
  { fits, profile }: Pick<Observations, 'fits' | 'profile'>,
  table?: CallTable,
): Fitted {
  const fitted = { ...fittedOf(root, dtype, fits), profile };
  const learned = table?.learned;
  if (!learned) return fitted;
  const { columns, passedThrough } = learned;
  const [rows, width] = fitted.input.shape;
  // A table is what it is as an array, of whose columns the call may have read some.
  const input = { dtype, shape: [rows, width === null ? null : columns.length], columns, passedThrough };
  return { ...fitted, input, normalizer: inTable(fitted, table.normalizer) };
}

/** The options with the columns of the table, as indexes of its columns of numbers. */
function inTable({ normalizer, parts = [] }: Fitted, whole: ResolvedOptions | undefined): ResolvedOptions {
  if (!whole) return normalizer;
  const composition = compositionOf(normalizer);
  const { columns: _, ...options } = normalizer;
  if (!composition) return whole.columns ? { ...options, columns: whole.columns } : options;
  const given = composition.partsOf(whole);
  const fittedParts = given.map((part, at) => ({ ...part, normalizer: parts[at]?.normalizer ?? part.normalizer }));
  return composition.withParts(whole, fittedParts) as ResolvedOptions;
}
