import { Problem } from '#errors.ts';
import { quoteName } from '#nearest-name.ts';

/** What a column holds: numbers and booleans can be normalized, anything else is carried along. */
export type ColumnKind = 'number' | 'boolean' | 'other';

export interface TableColumn {
  name: string;
  kind: ColumnKind;
  /** Whether pandas wrote it as the index: it is no feature. */
  isIndex?: boolean;
  /** Of `other`: the first row, from 0 on, that holds neither a number nor a boolean, and what it holds. */
  first?: { row: number; text: string };
}

/** The columns of a table as they were sent, in their order. */
export type TableSchema = readonly TableColumn[];

/** Whether a column is one of the features that a fit without `columns` normalizes. */
export function isFeature({ kind, isIndex }: TableColumn): boolean {
  return kind !== 'other' && isIndex !== true;
}

/** @throws Problem duplicate_columns */
export function checkNames(schema: TableSchema): void {
  const names = new Set<string>();
  for (const { name } of schema) {
    if (names.has(name)) {
      const detail = `Two columns are called ${quoteName(name)}: columns are told apart by name, so each needs its own.`;
      throw new Problem('duplicate_columns', detail);
    }
    names.add(name);
  }
}
