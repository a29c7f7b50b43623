import { describeReductions } from '#statistics/describe.ts';
import { binCounts } from '#statistics/histogram.ts';
import { countOutside } from '#statistics/count-outside.ts';
import { rejectedBits } from '#statistics/reduce-block.ts';
import { ends } from '#statistics/sentinels.ts';
import type { Reduction } from '#statistics/reduction.ts';
import type { ResolvedOptions } from './method.ts';
import { methodOf } from './normalizer.ts';

/**
 * What a scan of the data computes. Plain data, so that it can be sent to a worker, where `reductionsOf` interprets it.
 */
export type Scan =
  | { for: 'normalizer'; normalizer: ResolvedOptions }
  | { for: 'statistics'; columns?: number[] }
  | { for: 'histogram'; edges: Float64Array; bins: number }
  | { for: 'range'; low: Float64Array; high: Float64Array; columns?: number[] }
  | { for: 'ends'; columns?: number[] };

export function reductionsOf(scans: Scan): readonly Reduction[] {
  if (scans.for === 'normalizer') return methodOf(scans.normalizer).reductions(scans.normalizer);
  if (scans.for === 'range') return [countOutside(scans.low, scans.high)];
  if (scans.for === 'ends') return [ends];
  return scans.for === 'statistics' ? describeReductions : [binCounts(scans.edges, scans.bins)];
}

/** The scanned columns; undefined means all. */
export function scannedColumns(scans: Scan): number[] | undefined {
  if (scans.for === 'range' || scans.for === 'ends' || scans.for === 'statistics') return scans.columns;
  return scans.for === 'normalizer' ? scans.normalizer.columns : undefined;
}

/** Tile flags that are errors: statistics accept everything but integers that a double cannot represent. */
export function bitsRejectedBy(scans: Scan): number {
  return rejectedBits(scans.for === 'normalizer' ? scans.normalizer.nan_policy : 'propagate');
}
