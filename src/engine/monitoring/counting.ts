import { withScratch } from '#kernels/kernels.ts';
import { placeElements } from '#kernels/view.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import { hasFittedRange } from '#normalizers/composition/parts.ts';
import { profiledSlices } from '#normalizers/composition/profiled-slices.ts';
import { outOfRangeWarning } from '#normalizers/warnings/warnings.ts';
import type { Warning } from '#normalizers/warnings/warning.ts';
import { countOutside, countRows, pickEdges, spreadCounts } from '#statistics/drift/bin-counts.ts';
import { elementCount } from '#tensor/shape.ts';
import type { Tensor } from '#tensor/tensor.ts';
import type { Call } from '#engine/plan-call.ts';
import type { Counting, TransformRecorder } from './transform-recorder.ts';
import { type BlockHeader, countView, viewOf } from '#engine/blocks/run-block.ts';

const maxSmallBytes = 2048;

/**
 * Counts the values of a small tensor where it is: handing the bins to a thread would cost more.
 * @returns what was counted
 */
export function recordTensor(
  { add, ...counting }: TransformRecorder,
  { dtype, shape, buffer }: Tensor,
  bigEndian: boolean,
  form: BlockHeader['form'],
): Float64Array {
  const { axis, columns, bins } = counting;
  const isSmallMatrix = dtype === 'float64' && !bigEndian && shape.length === 2 && buffer.byteLength <= maxSmallBytes;
  if (isSmallMatrix && axis === 0 && !columns) {
    const counts = countRows(new Float64Array(buffer), bins);
    add(counts);
    return counts;
  }
  const header: BlockHeader = { dtype, shape, bigEndian, form };
  const counts = withScratch(() => {
    const count = elementCount(shape);
    const address = placeElements({ buffer, count }, dtype, bigEndian);
    return countView({ ...viewOf(header), address, offset: 0, count }, header, counting);
  });
  add(counts);
  return counts;
}

/** Where the statistics did not look for them, values out of range are known from what was counted. */
export function countedOutside(
  normalizer: CommonOptions,
  outside: number | undefined,
  counts: Float64Array | undefined,
): Warning[] {
  const count = counts && outside === undefined && hasFittedRange(normalizer) ? countOutside(counts) : 0;
  return count > 0 ? [outOfRangeWarning(count)] : [];
}

/** Adds up what blocks were counted; the first one's counts are the sum so far. */
export function addCounts(sum: Float64Array | undefined, counts: Float64Array): Float64Array {
  if (!sum) return counts;
  for (let at = 0; at < sum.length; at++) sum[at] += counts[at];
  return sum;
}

/** The same recorder for a call that has the columns of its data in another order, or some of them. */
export function recorderFor(recorder: TransformRecorder, { fitted, table }: Call): TransformRecorder {
  const columns = fitted && profiledSlices(fitted.normalizer).columns;
  const { axis, bins, add } = recorder;
  const places = table?.places;
  if (!places || (!fitted?.parts && fitted?.keptShape.length !== 1)) return { bins, axis, columns, add };
  return {
    axis,
    columns,
    bins: pickEdges(bins, places),
    add: (counts) => add(spreadCounts(counts, bins, places)),
  };
}

/** What travels with each block. */
export function countingOf({ bins, axis, columns }: TransformRecorder): Counting {
  return { bins, axis, columns };
}
