import type { DescribeOptions, StatisticsOptions } from '#statistics/options.ts';

/** Bins of a plot unless the client asks for others: the 256 values of a byte fall evenly into them. */
const plottedBins = 64;

/** What a plot of a whole array needs, by the options that a client gave for the statistics. */
export function plottedStatistics(statistics: StatisticsOptions | false): DescribeOptions {
  const { ddof = 1, bias = true, histogram = { bins: plottedBins } } = statistics || {};
  return { axis: null, ddof, bias, histogram, lenient: true };
}
