import { Problem, problemAt } from '#errors.ts';
import type { Scan } from '#normalizers/scans.ts';
import { type Description, describe, describeReductions } from '#statistics/describe.ts';
import { histogramEdges } from '#statistics/histogram.ts';
import { emptyState, type State } from '#statistics/reduction.ts';
import { reducedAxes } from '#tensor/axis.ts';
import { layoutOf } from '#tensor/layout.ts';
import type { StatisticsContent } from '#formats/json/statistics.ts';
import type { BlockHeader } from './blocks/run-block.ts';
import { runTask, type Effects } from './effects.ts';
import { quantilesTask } from './blocks/quantiles.task.ts';
import { createAccumulator } from './blocks/accumulators.ts';
import type { Rescan } from './blocks/rescan.ts';
import type { ScanAccumulator } from './blocks/accumulators.ts';
import type { BufferedTensor } from './blocks/buffered-tensor.ts';
import type { DescribeOptions } from '#statistics/options.ts';

/** Maximum quantiles or histogram counts of one request: 32 MiB. */
const maxStatistics = 2 ** 22;

/** Collects the statistics of the input or of the output, block by block. */
export interface SideStatistics extends ScanAccumulator {
  slices: number;
  /** Number of quantiles and histogram counts of all slices. */
  values: number;
  /** Whether all blocks must be buffered for the second pass. */
  buffers: boolean;
  /** Whether the second pass rescans every value. */
  rescans: boolean;
  /** The statistics after all blocks have been scanned. */
  firstPass(): StatisticsContent;
  /** Adds the statistics that need the values again; call it if `buffers` or `rescans`. */
  secondPass(content: StatisticsContent, data: BufferedTensor, rescan: Rescan): Effects<void>;
}

/**
 * @param names of the columns, where the data are a table
 * @throws Problem axis_out_of_range
 */
export function collectStatistics(
  options: DescribeOptions,
  header: BlockHeader,
  names?: readonly string[],
): SideStatistics {
  const { axis, ddof, bias, quantiles, histogram, lenient = false } = options;
  const reduced = reducedAxes(axis, header.shape.length, '/statistics/axis');
  const layout = layoutOf(header.shape, reduced);
  if (quantiles) checkSize(layout.slices * quantiles.length, 'quantiles');
  if (histogram) checkSize(layout.slices * histogram.bins, 'histogram');
  const scans: Scan[] = [{ for: 'statistics' }];
  if (histogram?.range) scans.push(binsBetween(filled(histogram.range[0]), filled(histogram.range[1]), histogram.bins));
  const accumulators = scans.map((of) => createAccumulator(of));

  function filled(value: number): Float64Array {
    return new Float64Array(layout.slices).fill(value);
  }

  /** A rescan for a histogram between the minimum and the maximum. */
  function* countBetweenEnds(
    { min, max }: Description,
    bins: number,
    rescan: Rescan,
  ): Effects<StatisticsContent['histogram']> {
    const bad = min.findIndex((least, at) => !Number.isFinite(max[at]) || !Number.isFinite(least));
    if (bad >= 0) {
      const why = Number.isNaN(min[bad]) ? 'a slice has no numbers' : 'the data contain infinity';
      throw problemAt(
        'not_computable',
        '/statistics/histogram',
        `The histogram needs an explicit range because ${why}.`,
      );
    }
    const of = binsBetween(min, max, bins);
    const accumulator = createAccumulator(of);
    yield* rescan({ of, axis }, accumulator.add);
    const due = accumulator.finish();
    if (due) yield* due;
    return toHistogram(of, accumulator.result(), layout.slices);
  }

  function* histogramOf(description: Description, bins: number, rescan: Rescan) {
    try {
      return yield* countBetweenEnds(description, bins, rescan);
    } catch (error) {
      if (lenient && error instanceof Problem && error.code === 'not_computable') return undefined;
      throw error;
    }
  }

  const buffers = quantiles !== undefined;
  const rescans = histogram !== undefined && !histogram.range;
  return {
    slices: layout.slices,
    values: layout.slices * ((quantiles?.length ?? 0) + (histogram?.bins ?? 0)),
    scans: scans.map((of) => ({ of, axis })),
    accumulators,
    buffers,
    rescans,
    firstPass() {
      const states =
        accumulators[0].result() ?? describeReductions.map((reduction) => emptyState(reduction, 0, layout.slices));
      const content: StatisticsContent = { layout, description: describe(states, ddof, bias) };
      if (names && reduced.length === 2 && !reduced[1]) content.columns = names;
      if (histogram?.range) content.histogram = toHistogram(scans[1], accumulators[1].result(), layout.slices);
      return content;
    },
    *secondPass(content, data, rescan) {
      if (rescans) content.histogram = yield* histogramOf(content.description, histogram.bins, rescan);
      if (!quantiles) return;
      const result = yield* runTask(quantilesTask, { data, reduced, quantiles });
      data.blocks = result.blocks;
      content.quantiles = result.values;
    },
  };
}

/** What one side of a call is described by, when all its blocks have gone by. */
export function* completeStatistics(
  side: SideStatistics,
  held: BufferedTensor,
  revisit: Rescan,
): Effects<StatisticsContent> {
  const content = side.firstPass();
  if (side.buffers || side.rescans) yield* side.secondPass(content, held, revisit);
  return content;
}

/** A request of a few bytes must not ask for gigabytes of statistics. */
function checkSize(values: number, member: string): void {
  if (values <= maxStatistics) return;
  throw problemAt(
    'not_computable',
    `/statistics/${member}`,
    `These statistics would have ${values} values; the maximum is ${maxStatistics}.`,
  );
}

function binsBetween(low: Float64Array, high: Float64Array, bins: number): Scan & { for: 'histogram' } {
  const edges = histogramEdges(low, high, bins);
  const merged = edges.findIndex((edge, at) => at % (bins + 1) > 0 && !(edge > edges[at - 1]));
  if (merged >= 0) {
    const detail = `${bins} bins are too many for this range: edges near ${edges[merged]} coincide.`;
    throw problemAt('not_computable', '/statistics/histogram/bins', detail);
  }
  return { for: 'histogram', edges, bins };
}

function toHistogram(of: Scan, states: State[] | undefined, slices: number): StatisticsContent['histogram'] {
  if (of.for !== 'histogram') return undefined;
  const counts = new Float64Array(slices * of.bins);
  states?.[0].values.forEach((count, at) => {
    counts[(at % slices) * of.bins + Math.floor(at / slices)] = count;
  });
  return { counts, edges: of.edges, bins: of.bins };
}
