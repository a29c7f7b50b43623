import { problemAt } from '#errors.ts';
import { listNames, quoteName } from '#nearest-name.ts';
import type { CommonOptions } from '#normalizers/method.ts';
import type { TableSchema } from '#tables/schema.ts';
import { selectColumns } from '#tables/select-columns.ts';

/**
 * A normalizer for the tensor of a table's columns of numbers, where it selects columns by name, or by their places in the table.
 * @param names of the tensor's columns
 * @throws Problem for columns that are missing, doubled, hold text, or are no features
 */
export function placeColumns(normalizer: CommonOptions, schema: TableSchema, names: readonly string[]): CommonOptions {
  const { columns } = normalizer;
  if (!columns) return normalizer;
  const notFeatures = schema.map(({ name }) => name).filter((name) => !names.includes(name));
  const { learned } = selectColumns(schema, { columns, notFeatures });
  const places = (learned.selected ?? []).map((name) => names.indexOf(name));
  const other = places.indexOf(-1);
  if (other >= 0) {
    const detail = `The column ${quoteName(learned.selected?.[other] ?? '')} is no feature here: these are ${listNames(names)}.`;
    throw problemAt('unknown_columns', `/normalizer/columns/${other}`, detail);
  }
  return { ...normalizer, columns: places };
}

/** The same with the names of its columns. */
export function nameSelected(normalizer: CommonOptions, names: readonly string[]): CommonOptions {
  const { columns } = normalizer;
  if (!columns) return normalizer;
  return { ...normalizer, columns: columns.map((at) => (typeof at === 'number' ? names[at] : at)) };
}
