import type { CarriedColumn } from '#tensor/carried.ts';
import { createCsvWriter } from '#tables/cell-writers.ts';
import type { AnswerColumn } from '#tables/column-plan.ts';
import { weaveRows } from '#tables/weave-rows.ts';
import type { CsvDialect } from './dialect.ts';

/** The line of the columns' names, quoted where RFC 4180 asks for it. */
export function writeCsvHeader(columns: readonly Pick<AnswerColumn, 'name'>[], { delimiter }: CsvDialect): string {
  const separator = String.fromCharCode(delimiter);
  // An empty first name is how pandas writes an index, and reads one.
  const cells = columns.map(({ name }, at) =>
    at === 0 && columns.length > 1 && name === '' ? '' : quoted(name, separator),
  );
  return `${cells.join(separator)}\n`;
}

function quoted(name: string, separator: string): string {
  const isPlain = !/["\r\n]|^\s|\s$|^$/.test(name) && !name.includes(separator);
  return isPlain ? name : `"${name.replaceAll('"', '""')}"`;
}

/**
 * Some rows of a table as CSV.
 * @param numbers the texts of the numbers, row-major, a comma or a line end between them
 * @param width numbers in a row
 */
export function writeCsvRows(
  numbers: Uint8Array,
  carried: readonly CarriedColumn[],
  rows: number,
  { columns, width, dialect }: { columns: readonly AnswerColumn[]; width: number; dialect: CsvDialect },
): Uint8Array<ArrayBuffer> {
  const { delimiter, decimal } = dialect;
  return weaveRows(numbers, rows, width, {
    columns,
    before: columns.map((_, at) => (at === 0 ? new Uint8Array(0) : Uint8Array.of(delimiter))),
    after: Buffer.from('\n'),
    decimal,
    carried: carried.map((column) => createCsvWriter(column, delimiter)),
  });
}
