import { isObject } from './json/is-object.ts';

/**
 * The names of the columns that pandas wrote as its index, of the JSON under the key `pandas` in the metadata of an Arrow
 * schema or a Parquet file. Anything else than what pandas writes there names none.
 *
 * Format: https://pandas.pydata.org/docs/development/developer.html
 */
export function readIndexColumns(json: string | undefined): ReadonlySet<string> {
  const names = new Set<string>();
  if (json === undefined) return names;
  let metadata: unknown;
  try {
    metadata = JSON.parse(json);
  } catch {
    return names;
  }
  const indexes = isObject(metadata) ? metadata.index_columns : undefined;
  // A RangeIndex is described by an object and has no column.
  if (Array.isArray(indexes)) for (const index of indexes) if (typeof index === 'string') names.add(index);
  return names;
}
