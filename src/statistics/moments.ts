import { bytesAt, doublesAt, kernels } from '#kernels/kernels.ts';
import { tileCapacity } from '#tensor/layout.ts';
import type { LoadedTile, Reduction } from './reduction.ts';

const fields = ['count', 'mean', 'mean_low', 'm2', 'm3', 'm4'];
const empty = [0, 0, 0, 0, 0, 0];

function merge(slices: number, from: number, fromField: number, into: number, intoField: number): void {
  kernels.moments_merge(slices, from, fromField, into, intoField);
}

/**
 * Count (or sum of weights), mean and central moments to the fourth of each slice; the mean in two doubles.
 * NaN is left out, and so is a value of weight 0.
 */
export const moments: Reduction = {
  name: 'moments',
  fields,
  empty,
  add(tile, state, field) {
    if (tile.hasNan || tile.weights) addWeighted(tile, state, field);
    else kernels.moments(tile.x, tile.rows, tile.columns, tile.rowIsSlice, state, field);
  },
  addRaw: { uint8: kernels.byte_moments, float32: kernels.single_moments },
  merge,
};

/** The same, but a NaN makes its slice's moments NaN. */
export const momentsWithNan: Reduction = {
  ...moments,
  add(tile, state, field) {
    if (tile.weights) addWeighted({ ...tile, hasNan: false }, state, field);
    else kernels.moments(tile.x, tile.rows, tile.columns, tile.rowIsSlice, state, field);
  },
};

/** On copies: the other reductions still need the tile as it is. */
function addWeighted(tile: LoadedTile, state: number, field: number): void {
  const count = tile.rows * tile.columns;
  const weights = tile.scratch;
  const x = tile.scratch + tileCapacity * 8;
  if (tile.weights) bytesAt(weights, count * 8).set(bytesAt(tile.weights, count * 8));
  else doublesAt(weights, count).fill(1);
  bytesAt(x, count * 8).set(bytesAt(tile.x, count * 8));
  if (tile.hasNan) kernels.drop_nan(x, weights, count);
  kernels.moments_weighted(x, weights, tile.rows, tile.columns, tile.rowIsSlice, state, field);
}
