import { doublesAt, kernels, copyIn, allocate, withScratch } from '#kernels/kernels.ts';
import type { Matrix } from './matrix.ts';

/** Rows that are multiplied at once, so that their transposed columns stay in the processor's cache. Equals PANEL_ROWS of the kernel. */
const panelRows = 64;

/**
 * Adds (X − offset)ᵀ(X − offset) over some rows to the lower triangle of `gram`.
 * @param gram row-major, of `columns` × `columns`
 * @param offset one number per column
 */
export function addGram(gram: Float64Array, x: Matrix, rows: Uint32Array, offset: Float64Array): void {
  const { values, columns } = x;
  withScratch(() => {
    const sums = copyIn(gram);
    const padded = (columns + 3) * panelRows;
    const address = allocate(padded * 8);
    const panel = doublesAt(address, padded);
    panel.fill(0);
    for (let first = 0; first < rows.length; first += panelRows) {
      const taken = Math.min(panelRows, rows.length - first);
      if (taken < panelRows) panel.fill(0);
      for (let i = 0; i < taken; i++) {
        const start = rows[first + i] * columns;
        for (let j = 0; j < columns; j++) panel[j * panelRows + i] = values[start + j] - offset[j];
      }
      kernels.gram_panel(address, columns, sums);
    }
    gram.set(doublesAt(sums, gram.length));
  });
}
