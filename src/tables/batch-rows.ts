/** Values of a batch of rows, as far as its rows allow. */
const target = 2 ** 17;

/** Rows of a batch are a multiple of this: booleans and validity are bits. */
const multiple = 8;

/** Rows that go through together. */
export function rowsPerBatch(valuesPerRow: number): number {
  return Math.max(Math.floor(target / Math.max(valuesPerRow, 1) / multiple), 1) * multiple;
}
