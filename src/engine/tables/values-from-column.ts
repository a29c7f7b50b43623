import { createTextReader } from '#tables/carried-text.ts';
import type { CarriedColumn } from '#tensor/carried.ts';

/** The values of a table's column, as numbers or as text; null where one is missing. */
export function valuesFromColumn(column: CarriedColumn | undefined, areNumbers: boolean): (string | number | null)[] {
  if (!column) return [];
  const textAt = createTextReader(column);
  return Array.from({ length: column.length }, (_, row) => {
    const text = textAt(row);
    if (text === null || text.trim() === '') return null;
    return areNumbers ? Number(text) : text;
  });
}
