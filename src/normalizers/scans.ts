import { describing } from '#statistics/describe.ts';
import { binCounts } from '#statistics/histogram.ts';
import { outside } from '#statistics/count-outside.ts';
import { refused } from '#statistics/reduce-block.ts';
import type { Reduction } from '#statistics/reduction.ts';
import type { CommonOptions } from './method.ts';
import { methodOf } from './normalizer.ts';

/** What values are looked at for. Plain data, so that it travels to a worker; `reductionsOf` makes it work there. */
export type Looks =
  | { for: 'normalizer'; normalizer: CommonOptions }
  | { for: 'statistics' }
  | { for: 'histogram'; edges: Float64Array; bins: number }
  | { for: 'range'; low: Float64Array; high: Float64Array; columns?: number[] };

export function reductionsOf(looks: Looks): readonly Reduction[] {
  if (looks.for === 'normalizer') return methodOf(looks.normalizer).reductions(looks.normalizer);
  if (looks.for === 'range') return [outside(looks.low, looks.high)];
  return looks.for === 'statistics' ? describing : [binCounts(looks.edges, looks.bins)];
}

/** The columns that are looked at; all of them when undefined. */
export function columnsOf(looks: Looks): number[] | undefined {
  if (looks.for === 'range') return looks.columns;
  return looks.for === 'normalizer' ? looks.normalizer.columns : undefined;
}

/** What makes a value an error: statistics take everything but integers that a double cannot hold. */
export function refusedBy(looks: Looks): number {
  return refused(looks.for === 'normalizer' ? looks.normalizer.nan_policy : 'propagate');
}
