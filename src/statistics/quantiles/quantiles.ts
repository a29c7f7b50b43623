import { Problem } from '#errors.ts';
import { shareOfMemory } from '#memory/container.ts';
import { doublesAt, kernels, allocate, withScratch } from '#kernels/kernels.ts';
import type { Dtype } from '#tensor/dtype.ts';
import type { Layout } from '#tensor/layout.ts';
import { countingGroup, isCountable } from './by-counting.ts';
import { gatheredBytes, selectingGroup, gatherRuns } from './by-selecting.ts';
import { narrowingGroup } from './by-narrowing.ts';
import { interpolate, type Positions, ranksOf } from './ranks.ts';
import type { EachView, GroupStart, OnSlice, SliceGroup } from './slice-group.ts';

export type { EachView };

/** Bytes of the kernels' memory for the values or counters of a group of slices: 16 million float64, fewer in a small container. */
const maxScratchBytes = shareOfMemory(2 ** 27, 16);

/** Maximum values of a slice in one piece. */
const pieceLength = 2 ** 16;

/** Ranks and counters are 32 bits wide. */
const maxSliceLength = 2 ** 32 - 1;

/**
 * Exact quantiles of every slice, by linear interpolation between the order statistics (numpy.quantile's default,
 * method 7 of Hyndman and Fan 1996). NaN is left out; a slice without values gives NaN. Infinities are ordinary values.
 * @param eachView called more than once where the slices do not fit into 128 MiB as float64
 * @param quantiles between 0 and 1
 * @returns `quantiles.length` rows of one value per slice
 * @throws Problem not_computable for slices of 2^32 values and more
 */
export function quantilesOf(
  eachView: EachView,
  layout: Layout,
  quantiles: readonly number[],
): Float64Array<ArrayBuffer> {
  return orderStatisticsOf(eachView, layout, quantiles.length, (count) =>
    Float64Array.from(quantiles, (one) => one * (count - 1)),
  );
}

/**
 * Order statistics of every slice, between two of them by linear interpolation; the rest as in `quantilesOf`.
 * @param positions from the number of values, `wanted` positions between 0 and that number − 1
 * @returns `wanted` rows of one value per slice
 */
export function orderStatisticsOf(
  eachView: EachView,
  layout: Layout,
  wanted: number,
  positions: Positions,
): Float64Array<ArrayBuffer> {
  const { slices, sliceLength } = layout;
  if (sliceLength > maxSliceLength) {
    throw new Problem('not_computable', 'Exact quantiles need fewer than 2^32 values at once.');
  }
  const result = new Float64Array(wanted * slices).fill(NaN);
  const settle: OnSlice = (slice, { places }, values) => {
    for (let at = 0; at < places.length; at++) {
      const { low, high, share } = places[at];
      result[at * slices + slice] = interpolate(values[low], values[high], share);
    }
  };
  const ranks = ranksOf(positions);
  const roomBytes = Math.min(maxScratchBytes, gatheredBytes(sliceLength) * slices);
  for (let from = 0; from < slices; ) {
    from = withScratch(() => {
      const start: GroupStart = { layout, from, room: allocate(roomBytes), roomBytes, ranks, mostRanks: wanted * 2 };
      let group: SliceGroup | undefined;
      eachView((view) => {
        group ??= startGroup(start, view.dtype, eachView);
        group.add(view);
      });
      group?.finish(settle);
      return group?.to ?? slices;
    });
  }
  return result;
}

/** Hands over the values of every slice in the order of the data, NaN left out. */
export function eachSlice(
  eachView: EachView,
  layout: Layout,
  visit: (values: Float64Array, slice: number) => void,
): void {
  const bytes = gatheredBytes(layout.sliceLength);
  const roomBytes = Math.min(Math.max(maxScratchBytes, bytes), bytes * layout.slices);
  for (let from = 0; from < layout.slices; ) {
    from = withScratch(() => {
      const runs = gatherRuns({ layout, from, room: allocate(roomBytes), roomBytes });
      eachView(runs.add);
      runs.each((slice, at, count) => {
        kernels.values_of_keys(at, count);
        visit(doublesAt(at, count).slice(), slice);
      });
      return runs.to;
    });
  }
}

/** The same in pieces. A slice that is too long to gather is gathered view by view. */
export function eachPiece(
  eachView: EachView,
  layout: Layout,
  visit: (values: Float64Array, slice: number) => void,
): void {
  const visitRun = (slice: number, at: number, count: number) => {
    kernels.values_of_keys(at, count);
    for (let from = 0; from < count; from += pieceLength)
      visit(doublesAt(at + from * 8, Math.min(pieceLength, count - from)).slice(), slice);
  };
  const fits = gatheredBytes(layout.sliceLength) <= maxScratchBytes;
  const roomBytes = Math.min(maxScratchBytes, gatheredBytes(layout.sliceLength) * layout.slices);
  for (let from = 0; from < layout.slices; ) {
    if (!fits) {
      eachView((view) => {
        const length = Math.min(layout.sliceLength, view.count);
        withScratch(() => {
          const roomOfRun = gatheredBytes(length);
          const start = {
            layout: { ...layout, sliceLength: length },
            from,
            room: allocate(roomOfRun),
            roomBytes: roomOfRun,
          };
          const runs = gatherRuns(start);
          runs.add(view);
          runs.each(visitRun);
        });
      });
      from += 1;
      continue;
    }
    from = withScratch(() => {
      const runs = gatherRuns({ layout, from, room: allocate(roomBytes), roomBytes });
      eachView(runs.add);
      runs.each(visitRun);
      return runs.to;
    });
  }
}

function startGroup(start: GroupStart, dtype: Dtype, eachView: EachView): SliceGroup {
  if (isCountable(dtype, start.layout)) return countingGroup(start, dtype);
  const fits = gatheredBytes(start.layout.sliceLength) <= start.roomBytes;
  return fits ? selectingGroup(start) : narrowingGroup(start, eachView);
}
