import type { Scan } from '#normalizers/scans.ts';
import { fewestValues } from '#statistics/sentinels.ts';
import type { Dtype } from '#tensor/dtype.ts';
import type { Block } from '#tensor/source.ts';
import type { LeafPlan } from '#engine/parts/part-plan.ts';
import { type Accumulator, createAccumulator } from './accumulators.ts';

/** The most slices in which a value that stands for a missing one is looked for. */
const maxSlicesWithSentinels = 4096;

/** Something that is looked for in what a plain normalizer takes. */
export interface Watch {
  leaf: LeafPlan;
  for: 'fit' | 'range' | 'ends';
  scan: Scan;
  /** Adds up what the blocks have; the ends are those of the first block. */
  accumulator: Accumulator;
}

/** What to look for. */
export interface WatchOptions {
  /** Whether to count values outside the fitted range. */
  countsOutOfRange: boolean;
  /** Whether to scan the first block for an extreme value that recurs. */
  findsSentinels: boolean;
}

export function watchesOf(leaf: LeafPlan, options: WatchOptions, dtype: Dtype): Watch[] {
  const { method, normalizer, fitted, accumulates, fits } = leaf;
  const range =
    options.countsOutOfRange && fitted && !fits && !leaf.groups ? method.fittedRange?.(fitted.parameters) : undefined;
  const watch = (purpose: Watch['for'], scan: Scan): Watch => {
    return { leaf, for: purpose, scan, accumulator: createAccumulator(scan) };
  };
  return [
    ...(accumulates ? [watch('fit', { for: 'normalizer', normalizer })] : []),
    ...(range ? [watch('range', { for: 'range', ...range })] : []),
    ...(options.findsSentinels && sentinelsMatter(leaf, dtype) ? [watch('ends', { for: 'ends' })] : []),
  ];
}

/** Whether to look for an extreme value that recurs: pixels have none, and a method that needs whole slices resists them. */
function sentinelsMatter({ method, needsWholeSlices, scope, layout, fits, isFirst }: LeafPlan, dtype: Dtype): boolean {
  if (!fits || !isFirst || dtype === 'uint8' || dtype === 'bool' || needsWholeSlices || method.perSample) return false;
  return scope === 'dataset' && layout.slices <= maxSlicesWithSentinels && !(layout.sliceLength < fewestValues);
}

/** What is looked for in a block; the ends are those of the first. */
export function watchesAt(watches: readonly Watch[], { offset }: Block): readonly Watch[] {
  const isLater = offset > 0 && watches.some((watch) => watch.for === 'ends');
  return isLater ? watches.filter((watch) => watch.for !== 'ends') : watches;
}
