/** Target number of values in a batch, which holds whole rows. */
const target = 2 ** 17;

/** Rows of a batch are a multiple of this: booleans and validity are bits. */
const multiple = 8;

/** Rows that go through together. */
export function rowsPerBatch(valuesPerRow: number): number {
  return Math.max(Math.floor(target / Math.max(valuesPerRow, 1) / multiple), 1) * multiple;
}
