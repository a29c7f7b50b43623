import type { CarriedColumn } from '#tensor/carried.ts';
import { createJsonWriter } from '#tables/cell-writers.ts';
import type { AnswerColumn } from '#tables/column-plan.ts';
import { weaveRows } from '#tables/weave-rows.ts';

/** How a row is written: as a list, as a record that another one follows, or as a record on a line of its own. */
export type RowStyle = 'list' | 'record' | 'line';

const [point] = Buffer.from('.');

/**
 * Some rows of a table as JSON. Lists and records end with a comma, the last one of the table, too.
 * @param numbers the texts of the numbers, row-major, a comma between them
 * @param width numbers in a row
 */
export function writeJsonRows(
  numbers: Uint8Array,
  carried: readonly CarriedColumn[],
  rows: number,
  { columns, width, style }: { columns: readonly AnswerColumn[]; width: number; style: RowStyle },
): Uint8Array<ArrayBuffer> {
  const before = columns.map(({ name }, at) => {
    const key = style === 'list' ? '' : `${JSON.stringify(name)}:`;
    return Buffer.from(`${at > 0 ? ',' : style === 'list' ? '[' : '{'}${key}`);
  });
  const after = Buffer.from({ list: '],', record: '},', line: '}\n' }[style]);
  const writers = carried.map(createJsonWriter);
  return weaveRows(numbers, rows, width, { columns, before, after, decimal: point, carried: writers });
}
