import { describeReductions } from '#statistics/describe.ts';
import { binCounts } from '#statistics/histogram.ts';
import { countOutside } from '#statistics/count-outside.ts';
import { rejectedBits } from '#statistics/reduce-block.ts';
import type { Reduction } from '#statistics/reduction.ts';
import type { CommonOptions } from './method.ts';
import { methodOf } from './normalizer.ts';

/** What values are looked at for. Plain data, so that it travels to a worker; `reductionsOf` makes it work there. */
export type Scan =
  | { for: 'normalizer'; normalizer: CommonOptions }
  | { for: 'statistics' }
  | { for: 'histogram'; edges: Float64Array; bins: number }
  | { for: 'range'; low: Float64Array; high: Float64Array; columns?: number[] };

export function reductionsOf(scans: Scan): readonly Reduction[] {
  if (scans.for === 'normalizer') return methodOf(scans.normalizer).reductions(scans.normalizer);
  if (scans.for === 'range') return [countOutside(scans.low, scans.high)];
  return scans.for === 'statistics' ? describeReductions : [binCounts(scans.edges, scans.bins)];
}

/** The columns that are looked at; all of them when undefined. */
export function scannedColumns(scans: Scan): number[] | undefined {
  if (scans.for === 'range') return scans.columns;
  return scans.for === 'normalizer' ? scans.normalizer.columns : undefined;
}

/** What makes a value an error: statistics take everything but integers that a double cannot hold. */
export function bitsRejectedBy(scans: Scan): number {
  return rejectedBits(scans.for === 'normalizer' ? scans.normalizer.nan_policy : 'propagate');
}
