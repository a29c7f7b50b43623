import { doublesAt, kernels, copyIn, withScratch } from '#kernels/kernels.ts';
import type { LoadedTile, Reduction } from './reduction.ts';

/**
 * Evenly spaced edges of each slice, by the rules of numpy.histogram_bin_edges: constant data get v ± 0.5.
 * @param low the first edge per slice
 * @param high the last edge per slice
 */
export function histogramEdges(low: Float64Array, high: Float64Array, bins: number): Float64Array<ArrayBuffer> {
  const edges = new Float64Array(low.length * (bins + 1));
  low.forEach((least, slice) => {
    const first = least === high[slice] ? least - 0.5 : least;
    const last = least === high[slice] ? least + 0.5 : high[slice];
    const at = slice * (bins + 1);
    for (let edge = 0; edge < bins; edge++) edges[at + edge] = edgeBetween(first, last, edge, bins);
    edges[at + bins] = last;
  });
  return edges;
}

/** One of the edges, also where the whole range is beyond the largest double. */
function edgeBetween(first: number, last: number, edge: number, bins: number): number {
  const width = last - first;
  if (width < Infinity) return edge * (width / bins) + first;
  return first * (1 - edge / bins) + last * (edge / bins);
}

/** The bin of a value between the first and last edge, checked against the real edges; −1 outside them and for NaN. */
function binOf(value: number, edges: Float64Array, at: number, bins: number): number {
  const first = edges[at];
  const last = edges[at + bins];
  if (!(value >= first && value <= last)) return -1;
  const width = last - first;
  const share = width < Infinity ? (value - first) / width : (value / 2 - first / 2) / (last / 2 - first / 2);
  let bin = Math.min(Math.floor(share * bins), bins - 1);
  if (value < edges[at + bin]) bin--;
  else if (bin < bins - 1 && value >= edges[at + bin + 1]) bin++;
  return bin;
}

/**
 * Counts per bin as something that merges, one field per bin; NaN and values outside the edges are left out.
 * @param edges `bins + 1` for each of all slices
 */
export function binCounts(edges: Float64Array, bins: number): Reduction {
  return {
    name: 'histogram',
    fields: Array.from({ length: bins }, (_, bin) => `bin${bin}`),
    empty: new Array(bins).fill(0),
    add(tile, state, field, firstSlice) {
      const own = edges.subarray(firstSlice * (bins + 1), (firstSlice + tile.rows) * (bins + 1));
      // It pays to hand the edges over with each tile where values are more than edges.
      if (tile.rowIsSlice && own.length <= tile.rows * tile.columns)
        withScratch(() => kernels.bin_counts(tile.x, tile.rows, tile.columns, copyIn(own), bins, state, field));
      else countEach(tile, state, field, edges.subarray(firstSlice * (bins + 1)), bins);
    },
    merge(slices, from, fromField, into, intoField) {
      for (let bin = 0; bin < bins; bin++) {
        const more = doublesAt(from + bin * fromField, slices);
        const counts = doublesAt(into + bin * intoField, slices);
        for (let slice = 0; slice < slices; slice++) counts[slice] += more[slice];
      }
    },
  };
}

function countEach(
  { x, rows, columns, rowIsSlice }: LoadedTile,
  state: number,
  field: number,
  edges: Float64Array,
  bins: number,
): void {
  const values = doublesAt(x, rows * columns);
  const slices = field / 8;
  const counts = doublesAt(state, slices * (bins - 1) + (rowIsSlice ? rows : columns));
  for (let row = 0, at = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++, at++) {
      const slice = rowIsSlice ? row : column;
      const bin = binOf(values[at], edges, slice * (bins + 1), bins);
      if (bin >= 0) counts[bin * slices + slice]++;
    }
  }
}
