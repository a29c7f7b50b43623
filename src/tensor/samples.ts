import { eachTile, type Layout } from './layout.ts';

/**
 * A tensor as a matrix of observations and features: a feature is a slice, and an observation has one value of each. The
 * elements repeat their order after `length` of them, which hold `rows` observations.
 */
export interface Samples {
  length: number;
  rows: number;
  features: number;
  /** For each element of the matrix, row-major, where it is among the `length`; absent where that is the same place. */
  order?: Uint32Array;
}

/** @param layout whose outermost axis is reduced, or all that is kept */
export function samplesOf(layout: Layout): Samples {
  const { slices: features } = layout;
  const length = periodOf(layout);
  const rows = length / Math.max(features, 1);
  const order = new Uint32Array(length);
  const seen = new Uint32Array(features);
  let isInPlace = true;
  eachTile(layout, 0, length, (tile) => {
    for (let row = 0; row < tile.rows; row++) {
      for (let column = 0; column < tile.columns; column++) {
        const slice = tile.slice + (layout.rowIsSlice ? row : column);
        const from = tile.offset + row * tile.stride + column;
        const to = seen[slice]++ * features + slice;
        order[to] = from;
        isInPlace &&= to === from;
      }
    }
  });
  return { length, rows, features, order: isInPlace ? undefined : order };
}

/** Elements below the outermost run of axes where that is reduced; all of them where it is kept. */
function periodOf({ outer, rowIsSlice, rowLength, rows }: Layout): number {
  const pair = rows * rowLength;
  if (outer.length === 0) {
    if (!rowIsSlice) return rowLength;
    return rows > 1 ? pair : 1;
  }
  const inner = outer.slice(0, -1).reduce((product, { length }) => product * length, pair);
  const outermost = outer[outer.length - 1];
  return outermost.sliceStep === 0 ? inner : inner * outermost.length;
}
