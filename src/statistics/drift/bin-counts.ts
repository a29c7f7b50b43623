import { copyOfDoubles, fillDoubles, kernels, copyIn, allocate, withScratch } from '#kernels/kernels.ts';
import { dtypeNumber, type View } from '#kernels/view.ts';
import { itemSize } from '#tensor/dtype.ts';
import { eachTile, type Layout, slicesTouched, tileCapacity } from '#tensor/layout.ts';
import type { Bins } from './profile.ts';

/** What a slice's values are counted by, in this order. */
export const countNames = ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'nan', 'below', 'above'] as const;

/** Numbers of one slice: its counts, and how many values were looked at for them. */
export const slotCount = countNames.length + 1;

const [nan, below, above] = [10, 11, 12];

/** Where the number of values that were looked at stands. */
const looked = countNames.length;

/** Numbers of one slice in `BinEdges`: the least value, the largest, and ten edges, ∞ behind the last decile. */
const edgeCount = 12;

/** The bins that values fall into. */
export interface BinEdges {
  edges: Float64Array;
  /** Whether the counts of all slices are one. */
  isPooled: boolean;
}

/** Slices that are counted apart at most. */
const maxApart = 256;

export function createBinEdges(bins: readonly Bins[], min: Float64Array, max: Float64Array): BinEdges {
  const edges = new Float64Array(bins.length * edgeCount).fill(Infinity);
  bins.forEach((own, slice) => {
    edges.set([min[slice], max[slice], ...own.edges], slice * edgeCount);
  });
  return { edges, isPooled: bins.length > maxApart };
}

/** The same in memory that threads share, so that it travels with each block for nothing. */
export function shareEdges({ edges, isPooled }: BinEdges): BinEdges {
  const shared = new Float64Array(new SharedArrayBuffer(edges.byteLength));
  shared.set(edges);
  return { edges: shared, isPooled };
}

/** The edges of some slices, in another order. */
export function pickEdges({ edges, isPooled }: BinEdges, places: readonly number[]): BinEdges {
  const picked = new Float64Array(new SharedArrayBuffer(places.length * edgeCount * 8));
  places.forEach((place, at) => picked.set(edges.subarray(place * edgeCount, (place + 1) * edgeCount), at * edgeCount));
  return { edges: picked, isPooled };
}

/** The counts of some slices among those of all, whose bins are given. */
export function spreadCounts(counts: Float64Array, bins: BinEdges, places: readonly number[]): Float64Array {
  if (bins.isPooled) return counts;
  const all = new Float64Array(countedColumns(bins) * slotCount);
  places.forEach((place, at) => all.set(counts.subarray(at * slotCount, (at + 1) * slotCount), place * slotCount));
  return all;
}

/** How many columns of counts there are: one for all slices, or one for each. */
export function countedColumns({ edges, isPooled }: BinEdges): number {
  return isPooled ? 1 : edges.length / edgeCount;
}

/** Values up to which all of them are counted, and the least share of more, for text and for bytes. */
const exactness = { text: [2 ** 12, 4], bytes: [2 ** 9, 256] } as const;

/** Values that follow each other and are counted together, where not all are. */
const runLength = 64;

/** One in how many values is counted, so that counting costs little beside the rest: numbers in text take long to read. */
export function countingStep(count: number, isText: boolean): number {
  const [exact, most] = exactness[isText ? 'text' : 'bytes'];
  return Math.max(1, Math.min(most, Math.ceil(count / exact)));
}

/**
 * Counts the values of a block, or one in `step` of them in short runs at places that their index decides; then the counts are
 * scaled to all of them.
 */
export function countBins(
  view: View,
  layout: Layout,
  { edges, isPooled }: BinEdges,
  step: number,
): Float64Array<ArrayBuffer> {
  return withScratch(() => {
    const { from, to } = slicesTouched(layout, view.offset, view.count);
    const placed = copyIn(edges.subarray(from * edgeCount, to * edgeCount));
    const length = countedColumns({ edges, isPooled }) * slotCount;
    const counts = allocate(length * 8);
    fillDoubles(counts, length, 0);
    const x = allocate(tileCapacity * 8);
    const toNext = isPooled ? 0 : slotCount * 8;
    let seen = 0;

    function countRun(first: number, count: number): void {
      const run: View = { ...view, address: view.address + first * itemSize(view.dtype), offset: view.offset + first };
      eachTile(layout, run.offset, count, (tile) => {
        const address = run.address + tile.offset * itemSize(view.dtype);
        kernels.load_tile(dtypeNumber(view.dtype), address, tile.stride, tile.rows, tile.columns, x);
        const edge = placed + (tile.slice - from) * edgeCount * 8;
        const own = counts + tile.slice * toNext;
        kernels.count_deciles(x, tile.rows, tile.columns, layout.rowIsSlice, edge, own, toNext);
      });
      seen += count;
    }

    if (step === 1) countRun(0, view.count);
    else {
      for (let first = 0; first < view.count; first += step * runLength) {
        const start = Math.min(first + runLength * jitter(view.offset + first, step), view.count - 1);
        countRun(start, Math.min(runLength, view.count - start));
      }
    }
    const result = copyOfDoubles(counts, length);
    if (step > 1) scale(result, view.count / seen);
    return result;
  });
}

/**
 * The same for the rows of a small matrix whose columns are the slices: a few comparisons here cost less than the way to the
 * kernels.
 */
export function countRows(values: Float64Array, { edges, isPooled }: BinEdges): Float64Array<ArrayBuffer> {
  const width = edges.length / edgeCount;
  const counts = new Float64Array((isPooled ? 1 : width) * slotCount);
  for (let at = 0, column = 0; at < values.length; at++) {
    const own = isPooled ? 0 : column * slotCount;
    counts[own + slotOf(values[at], edges, column * edgeCount)]++;
    counts[own + looked]++;
    if (++column === width) column = 0;
  }
  return counts;
}

function slotOf(value: number, edges: Float64Array, first: number): number {
  if (value < edges[first]) return below;
  if (value > edges[first + 1]) return above;
  if (Number.isNaN(value)) return nan;
  let bin = 0;
  while (value > edges[first + 2 + bin]) bin++;
  return bin;
}

/** How many values lie outside the range of their slice, of all slices. */
export function countOutside(counts: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < counts.length; at += slotCount) sum += counts[at + below] + counts[at + above];
  return Math.round(sum);
}

/** All but how many were looked at. */
function scale(counts: Float64Array, factor: number): void {
  for (let at = 0; at < counts.length; at++) if (at % slotCount !== looked) counts[at] *= factor;
}

function jitter(at: number, step: number): number {
  let mixed = Math.imul(at | 0, 0x9e3779b1);
  mixed = Math.imul(mixed ^ (mixed >>> 15), 0x85ebca6b);
  return ((mixed ^ (mixed >>> 13)) >>> 0) % step;
}
