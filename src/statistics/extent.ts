import { doublesAt, kernels } from '#kernels/kernels.ts';
import type { LoadedTile, Reduction } from './reduction.ts';

/** Count of the values that are not NaN, of NaN and of zeros (−0 too), least and greatest value of each slice. */
export const extent: Reduction = {
  name: 'extent',
  fields: ['count', 'nan', 'zeros', 'min', 'max'],
  empty: [0, 0, 0, Infinity, -Infinity],
  add(tile, state, field) {
    if (tile.weights) addWeighted(tile, state, field);
    else kernels.extent(tile.x, tile.rows, tile.columns, tile.rowIsSlice, state, field);
  },
  addRaw: { uint8: kernels.byte_extent, float32: kernels.single_extent },
  merge(slices, from, fromField, into, intoField) {
    kernels.extent_merge(slices, from, fromField, into, intoField);
  },
};

/** A value of weight 0 counts for nothing, its NaN included; any other counts once. */
function addWeighted({ x, weights, rows, columns, rowIsSlice }: LoadedTile, state: number, fieldBytes: number): void {
  const values = doublesAt(x, rows * columns);
  const weightOf = doublesAt(weights, rows * columns);
  const slices = rowIsSlice ? rows : columns;
  const [count, nan, zeros, min, max] = extent.fields.map((_, at) => doublesAt(state + at * fieldBytes, slices));
  for (let at = 0; at < values.length; at++) {
    const value = values[at];
    const slice = rowIsSlice ? Math.floor(at / columns) : at % columns;
    if (weightOf[at] === 0) continue;
    if (Number.isNaN(value)) {
      nan[slice]++;
      continue;
    }
    count[slice]++;
    if (value === 0) zeros[slice]++;
    if (value < min[slice]) min[slice] = value;
    if (value > max[slice]) max[slice] = value;
  }
}
