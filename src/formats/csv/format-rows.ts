import { type NumberRange, writeNumberLists } from '#formats/json/write-number-lists.ts';

/**
 * Formats values as CSV, one line per row. The bytes of consecutive ranges concatenate to those of the whole table.
 * @param numbers the elements of a flat range
 * @param offset where the range starts in the table
 * @param columns number of columns of the table
 */
export function csvBytes(numbers: NumberRange, offset: number, columns: number): Uint8Array<ArrayBuffer> {
  return writeNumberLists(numbers, offset, { style: 'csv', lengths: [Infinity, columns] });
}
