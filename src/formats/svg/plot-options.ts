import type { DescribeOptions, StatisticsOptions } from '#statistics/options.ts';

/** Default bins of a plot: the 256 values of a byte fall evenly into them. */
const plottedBins = 64;

/** The statistics that a plot of the whole array needs, given the client's statistics options. */
export function plottedStatistics(statistics: StatisticsOptions | false): DescribeOptions {
  const { ddof = 1, bias = true, histogram = { bins: plottedBins } } = statistics || {};
  return { axis: null, ddof, bias, histogram, lenient: true };
}
