import { bytesAt, doublesAt, kernels } from '#kernels/kernels.ts';
import { tileCapacity } from '#tensor/layout.ts';
import type { LoadedTile, Reduction } from './reduction.ts';

const fields = ['count', 'mean', 'mean_low', 'm2', 'm3', 'm4', 'exponent'];
const empty = [0, 0, 0, 0, 0, 0, 0];

function merge(slices: number, from: number, fromField: number, into: number, intoField: number): void {
  kernels.moments_merge(slices, from, fromField, into, intoField);
}

/**
 * Count (or sum of weights), mean and central moments to the fourth of each slice; the mean in two doubles. The mean is in
 * units of 2^exponent, the k-th moment in units of 2^(k·exponent); the exponent is 0 unless plain sums overflow or
 * underflow. NaN is left out, and so is a value of weight 0.
 */
export const moments: Reduction = {
  name: 'moments',
  fields,
  addedFields: 1,
  empty,
  add(tile, state, field) {
    if (tile.hasNan || tile.weights) addWeighted(tile, state, field);
    else kernels.moments(tile.x, tile.rows, tile.columns, tile.rowIsSlice, state, field);
  },
  addRaw: { uint8: kernels.byte_moments, float32: kernels.single_moments },
  merge,
};

/** The same, but a NaN makes its slice's mean and moments NaN; it is not counted. */
export const momentsWithNan: Reduction = {
  ...moments,
  add(tile, state, field) {
    moments.add(tile, state, field, 0);
    if (tile.hasNan) spoilSlices(tile, state, field);
  },
};

/** Sets the mean of a slice to NaN if it has a NaN of nonzero weight. */
function spoilSlices({ x, weights, rows, columns, rowIsSlice }: LoadedTile, state: number, field: number): void {
  const values = doublesAt(x, rows * columns);
  const weightOf = weights ? doublesAt(weights, rows * columns) : undefined;
  const slices = rowIsSlice ? rows : columns;
  const spoiled = ['mean', 'm2', 'm3', 'm4'].map((name) => doublesAt(state + fields.indexOf(name) * field, slices));
  for (let at = values.findIndex(Number.isNaN); at >= 0 && at < values.length; at++) {
    if (!Number.isNaN(values[at]) || weightOf?.[at] === 0) continue;
    for (const sums of spoiled) sums[rowIsSlice ? Math.floor(at / columns) : at % columns] = NaN;
  }
}

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
