import { problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CommonOptions, Part, ResolvedOptions } from '#normalizers/method.ts';
import { divideColumns } from '#normalizers/composition/output-columns.ts';
import { compositionOf, isShorthand } from '#normalizers/composition/parts.ts';
import { columnOfTwo, leftOver } from '#normalizers/composition/resolve-normalizer.ts';
import { quoteName } from '#nearest-name.ts';
import type { TableSchema } from '#tables/schema.ts';
import { findColumn, placesIn } from '#tables/select-columns.ts';

/** What a normalizer asks of the columns of a table. */
export interface AskedColumns {
  /** Those that are computed on, as they are named; undefined where these are all. */
  columns?: (string | number)[];
  /** Where each of them is named. */
  pointerOf?(at: number): string;
  /** Names of those that are left out of the answer. */
  isDropped?(name: string): boolean;
}

/**
 * @param mayBeNames whether a whole number may be the name of a column
 * @throws Problem invalid_request for a column of two transformers, unknown_columns for what no transformer names
 */
export function columnsAsked(
  normalizer: CommonOptions | undefined,
  schema: TableSchema,
  mayBeNames: boolean,
): AskedColumns {
  const composition = normalizer && compositionOf(normalizer);
  if (!normalizer || composition?.kind !== 'columns') return { columns: normalizer?.columns };
  const named = namedColumns(composition.partsOf(normalizer), schema, mayBeNames);
  const remainder = composition.remainder?.(normalizer);
  const isNamed = new Set(named.map(({ at }) => at));
  const others = schema.filter((column, at) => !isNamed.has(at) && column.isIndex !== true);
  if (remainder === 'error' && others.length > 0) throw leftOver(others.map(({ name }) => name));
  const dropped = new Set(remainder === 'drop' ? others.map(({ name }) => name) : []);
  for (const { at, part } of named) if (part.normalizer === 'drop') dropped.add(schema[at].name);
  const computed = named.filter(({ part }) => !isShorthand(part.normalizer));
  return {
    columns: computed.map(({ column }) => column),
    pointerOf: (at) => computed[at].pointer,
    isDropped: (name) => dropped.has(name),
  };
}

function namedColumns(parts: readonly Part[], schema: TableSchema, mayBeNames: boolean) {
  const owner = new Map<number, number>();
  const places = placesIn(schema);
  return parts.flatMap((part, index) =>
    (part.columns ?? []).map((column, place) => {
      const pointer = `/normalizer/transformers/${index}/columns/${place}`;
      const at = findColumn(schema, places, column, mayBeNames, pointer);
      const other = owner.get(at);
      owner.set(at, index);
      const { name } = schema[at];
      if (other === index)
        throw problemAt('column_out_of_range', pointer, `The column ${quoteName(name)} is selected twice.`);
      if (other !== undefined) throw columnOfTwo(quoteName(name), other, pointer);
      return { column, at, part, pointer };
    }),
  );
}

/**
 * The normalizer with the columns that it computes on as indexes of those that a fit keeps; those that pass or are dropped go
 * by name, since they may be text.
 */
export function withLearnedColumns(
  normalizer: CommonOptions,
  selected: readonly number[] | undefined,
  schema: TableSchema,
  mayBeNames: boolean,
): CommonOptions {
  const composition = compositionOf(normalizer);
  const { columns: _, ...options } = normalizer;
  if (composition?.kind !== 'columns') return selected ? { ...options, columns: [...selected] } : options;
  let next = 0;
  const places = placesIn(schema);
  const parts = composition.partsOf(normalizer).map((part, index): Part => {
    const { columns = [] } = part;
    if (!isShorthand(part.normalizer)) return { ...part, columns: selected?.slice(next, (next += columns.length)) };
    const names = columns.map((column, place) => {
      const pointer = `/normalizer/transformers/${index}/columns/${place}`;
      return schema[findColumn(schema, places, column, mayBeNames, pointer)].name;
    });
    return { ...part, columns: names };
  });
  return composition.withParts(normalizer, parts);
}

/** The normalizer for data that hold nothing but the columns that it computes on, in the order in which it names them. */
export function narrowOptions(normalizer: ResolvedOptions): ResolvedOptions {
  const composition = compositionOf(normalizer);
  const { columns: _, ...options } = normalizer;
  if (composition?.kind !== 'columns') return options;
  let next = 0;
  const parts = composition.partsOf(normalizer).map((part): Part => {
    if (isShorthand(part.normalizer)) return { ...part, columns: [] };
    return { ...part, columns: (part.columns ?? []).map(() => next++) };
  });
  return composition.withParts(normalizer, parts) as ResolvedOptions;
}

/** The normalizer for data without names: columns that are no numbers are not among them. */
export function withoutNames(normalizer: ResolvedOptions): ResolvedOptions {
  const composition = compositionOf(normalizer);
  if (composition?.kind !== 'columns') return normalizer;
  const parts = composition.partsOf(normalizer).map(({ columns = [], ...part }): Part => {
    return { ...part, columns: columns.filter((column) => typeof column === 'number') };
  });
  return composition.withParts(normalizer, parts) as ResolvedOptions;
}

/** The columns of a fit that a normalizer drops, by position. */
export function droppedColumns(normalizer: ResolvedOptions, width: number): number[] {
  if (compositionOf(normalizer)?.kind !== 'columns') return [];
  const divided = divideColumns(normalizer, width);
  const kept = new Set([...(divided?.passed ?? []), ...(divided?.taken.flatMap(({ columns }) => columns) ?? [])]);
  return Array.from({ length: width }, (_, at) => at).filter((at) => !kept.has(at));
}

/** Whether a column of the table of a fit is left out, by name. */
export function droppedNames({ normalizer, input }: Fitted): (name: string) => boolean {
  const composition = compositionOf(normalizer);
  if (composition?.kind !== 'columns') return () => false;
  const { columns = [], passedThrough = [] } = input;
  const dropped = new Set(droppedColumns(normalizer, columns.length).map((at) => columns[at]));
  const named = (of: string) =>
    composition.partsOf(normalizer).flatMap((part) => (part.normalizer === of ? (part.columns ?? []) : []));
  const passed = new Set(named('passthrough'));
  for (const name of named('drop')) if (typeof name === 'string') dropped.add(name);
  if (composition.remainder?.(normalizer) === 'drop')
    for (const name of passedThrough) if (!passed.has(name)) dropped.add(name);
  return (name) => dropped.has(name);
}
