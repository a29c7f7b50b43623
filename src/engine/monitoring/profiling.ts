import { maxProfiledSlices, maxSampledValues, type Profile } from '#statistics/drift/profile.ts';
import { pickAll, thresholdFor, type ValueSample } from '#statistics/drift/value-sample.ts';
import { profiledSlices } from '#normalizers/composition/profiled-slices.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { layoutOf } from '#tensor/layout.ts';
import { elementCount, hasUnknownLength, selectedShape } from '#tensor/shape.ts';
import type { Picking } from '#engine/blocks/run-block.ts';
import { runTask, type Effects } from '#engine/effects.ts';
import { type ScanAccumulator, accumulatorFor } from '#engine/blocks/accumulators.ts';
import type { Call, NormalizationPlan } from '#engine/plan-call.ts';
import { profileTask } from './profile.task.ts';

/** What a profile is made of, gathered while the blocks go by. */
export interface Profiling {
  accumulator: ScanAccumulator;
  /** @param offset of the block */
  pickingAt(offset: number): Picking;
  samples: ValueSample[];
  /** The least threshold that a block was picked with. */
  threshold: number;
}

/** Nothing where no profile is wanted, or the slices are samples or too many. */
export function createProfiling(
  call: Call,
  normalization: NormalizationPlan | undefined,
  shape: readonly number[],
): Profiling | undefined {
  if (!call.profile || !normalization || call.operation === 'transform') return undefined;
  const { normalizer, scope } = normalization;
  const { axis, columns } = profiledSlices(normalizer);
  const picked = columns ? columns.length / (shape.at(-1) ?? 1) : 1;
  const slices = layoutOf(selectedShape(shape, columns), reducedAxes(axis, shape.length)).slices;
  if (scope === 'sample' || slices > maxProfiledSlices) return undefined;
  const total = hasUnknownLength(shape) ? undefined : elementCount(shape) * picked;
  const profiling: Profiling = {
    accumulator: accumulatorFor({ of: { for: 'statistics', columns }, axis }),
    samples: [],
    threshold: pickAll,
    pickingAt(offset) {
      const threshold = total === undefined ? thresholdWithout(offset * picked) : thresholdFor(maxSampledValues, total);
      profiling.threshold = Math.min(profiling.threshold, threshold);
      return { axis, columns, threshold };
    },
  };
  return profiling;
}

/** If the length is unknown, later blocks are sampled more thinly, and the earlier samples are thinned at the end. */
function thresholdWithout(offset: number): number {
  const times = Math.ceil(Math.log2((offset + 1) / maxSampledValues) / 2);
  return times <= 0 ? pickAll : Math.max(1, Math.floor(pickAll / 4 ** times));
}

/** When all blocks have gone by. */
export function* finishProfile({ accumulator, samples, threshold }: Profiling): Effects<Profile> {
  const states = accumulator.accumulators.flatMap((one) => one.result() ?? []);
  return yield* runTask(profileTask, { states, samples, threshold });
}
