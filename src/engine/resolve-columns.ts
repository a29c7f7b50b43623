import { problemAt, quote } from '#errors.ts';
import type { CommonOptions, ResolvedOptions } from '#normalizers/method.ts';

/** Resolves negative column indexes and rejects duplicates. */
export function resolveColumns(normalizer: CommonOptions, shape: readonly number[]): ResolvedOptions {
  if (!normalizer.columns) return normalizer as ResolvedOptions;
  const length = shape.at(-1);
  if (length === undefined) {
    throw problemAt('column_out_of_range', '/normalizer/columns', 'An array of rank 0 has no columns.');
  }
  const columns = normalizer.columns.map((column, at) => {
    if (typeof column === 'string') {
      const detail = `The data have no column names, so that none is ${quote(column)}: columns are indexes here.`;
      throw problemAt('unknown_columns', `/normalizer/columns/${at}`, detail);
    }
    if (column < -length || column >= length) {
      throw problemAt(
        'column_out_of_range',
        `/normalizer/columns/${at}`,
        `Column ${column} is out of range: the last axis has length ${length}.`,
      );
    }
    return column < 0 ? column + length : column;
  });
  const named = new Set<number>();
  const twice = columns.findIndex((column) => named.size === named.add(column).size);
  if (twice >= 0) {
    throw problemAt('column_out_of_range', `/normalizer/columns/${twice}`, `Column ${columns[twice]} is given twice.`);
  }
  return { ...normalizer, columns };
}
