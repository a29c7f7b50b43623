import { doublesAt, allocate, withScratch } from '#kernels/kernels.ts';
import type { View } from '#kernels/view.ts';
import type { Samples } from '#tensor/samples.ts';
import { loadTile } from '#statistics/reduce-block.ts';

/** Elements of a matrix, unless one sample has more: 2 MiB as float64. */
const target = 2 ** 18;

/** A view's part as a matrix. */
export interface MatrixPart {
  /** Address of its values as float64, row after row. */
  x: number;
  rows: number;
  /** Elements of the view before it. */
  offset: number;
}

/**
 * Hands over a view of whole samples as matrices of observations and features, one after the other.
 * @param refuse bits of `tileFlags` that are an error
 * @throws Problem not_finite or not_exact
 */
export function eachMatrix(view: View, samples: Samples, refuse: number, visit: (part: MatrixPart) => void): void {
  const { length, rows, order } = samples;
  const periods = Math.max(1, Math.floor(target / length));
  for (let offset = 0; offset < view.count; offset += periods * length) {
    withScratch(() => {
      const count = Math.min(periods * length, view.count - offset);
      const loaded = allocate(count * 8);
      loadTile(view, { offset, rows: 1, columns: count, stride: count, slice: 0 }, loaded, refuse);
      visit({ x: order ? ordered(loaded, count, order) : loaded, rows: (count / length) * rows, offset });
    });
  }
}

/** Elements as they lie in the tensor, in the order of the matrix. */
function ordered(from: number, count: number, order: Uint32Array): number {
  const to = allocate(count * 8);
  const values = doublesAt(from, count);
  const matrix = doublesAt(to, count);
  for (let period = 0; period < count; period += order.length)
    for (let at = 0; at < order.length; at++) matrix[period + at] = values[period + order[at]];
  return to;
}

/** The way back: elements of a matrix, as they lie in the tensor. */
export function inTensorOrder(matrix: number, count: number, { order }: Samples): number {
  if (!order) return matrix;
  const to = allocate(count * 8);
  const values = doublesAt(to, count);
  const ordered = doublesAt(matrix, count);
  for (let period = 0; period < count; period += order.length)
    for (let at = 0; at < order.length; at++) values[period + order[at]] = ordered[period + at];
  return to;
}
