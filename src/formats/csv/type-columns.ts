import type { TableColumn } from '#tables/schema.ts';
import { isMissingCell, readBoolean, readCell } from './read-cell.ts';

/** Finds out what the columns of a CSV hold while the cells of its first rows are added, row by row. */
export interface ColumnTyping {
  add(text: string, column: number, row: number): boolean;
  /** Whether a column is still looked at: one number decides. */
  needs(column: number): boolean;
  columnAt(column: number): Pick<TableColumn, 'kind' | 'first'>;
  /** Whether the first column is 0, 1, 2, …, as pandas writes an index. */
  firstCounts(): boolean;
}

/**
 * A column is numeric when one of its cells is a number, or all are missing; boolean when all that are not missing are; any
 * other holds text.
 */
export function createColumnTyping(count: number, decimal: number): ColumnTyping {
  const isNumber = new Uint8Array(count);
  const hasBoolean = new Uint8Array(count);
  const firstTexts = new Map<number, { row: number; text: string }>();
  let counted = 0;
  let counts = true;

  return {
    add(text, column, row) {
      if (column >= count) return true;
      if (column === 0 && counts) {
        counts = text === String(row);
        if (counts) counted++;
      }
      if (isNumber[column] === 1 || isMissingCell(text.trim())) return true;
      if (readBoolean(text) !== undefined) hasBoolean[column] = 1;
      else if (readCell(text, decimal) !== 'no number') isNumber[column] = 1;
      else if (!firstTexts.has(column)) firstTexts.set(column, { row, text });
      return true;
    },
    needs: (column) => isNumber[column] !== 1 || (column === 0 && counts),
    columnAt(column) {
      if (isNumber[column] === 1) return { kind: 'number' };
      const first = firstTexts.get(column);
      if (first) return { kind: 'other', first };
      return { kind: hasBoolean[column] === 1 ? 'boolean' : 'number' };
    },
    firstCounts: () => counts && counted > 0,
  };
}
