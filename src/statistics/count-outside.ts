import { doublesAt } from '#kernels/kernels.ts';
import type { Reduction } from './reduction.ts';

/**
 * Counts the values of each slice outside `[low, high]`; NaN is not.
 * @param low one value per slice, of all slices
 * @param high the same
 */
export function countOutside(low: Float64Array, high: Float64Array): Reduction {
  return {
    name: 'outside',
    fields: ['outside'],
    empty: [0],
    add({ x, rows, columns, rowIsSlice }, state, _, first) {
      const values = doublesAt(x, rows * columns);
      const counts = doublesAt(state, rowIsSlice ? rows : columns);
      for (let row = 0, at = 0; row < rows; row++) {
        for (let column = 0; column < columns; column++, at++) {
          const slice = rowIsSlice ? row : column;
          if (values[at] < low[first + slice] || values[at] > high[first + slice]) counts[slice]++;
        }
      }
    },
    merge(slices, from, _, into) {
      const more = doublesAt(from, slices);
      const counts = doublesAt(into, slices);
      for (let slice = 0; slice < slices; slice++) counts[slice] += more[slice];
    },
  };
}
