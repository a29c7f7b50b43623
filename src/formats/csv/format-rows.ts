import { type NumberRange, writeNumberLists } from '#formats/json/write-number-lists.ts';

/**
 * Values as CSV, a line for each row. The bytes of ranges that follow each other make those of the whole.
 * @param numbers the elements of a flat range
 * @param offset where the range begins in the table
 * @param columns the columns of the table
 */
export function csvBytes(numbers: NumberRange, offset: number, columns: number): Uint8Array<ArrayBuffer> {
  return writeNumberLists(numbers, offset, { style: 'csv', lengths: [Infinity, columns] });
}

/** The line of the columns' names, quoted where RFC 4180 asks for it. */
export function csvHeader(names: readonly string[]): string {
  const cells = names.map((name) => (/[",\r\n]|^\s|\s$|^$/.test(name) ? `"${name.replaceAll('"', '""')}"` : name));
  return `${cells.join(',')}\n`;
}
