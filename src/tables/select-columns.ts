import { Problem, problemAt } from '#errors.ts';
import { describeUnknown, listNames, quoteName } from '#nearest-name.ts';
import { type ColumnPlan, type ColumnWarning, passedThrough, planColumns } from './column-plan.ts';
import { checkNames, isFeature, type TableColumn, type TableSchema } from './schema.ts';

/** What a fit keeps of the columns of its table. */
export interface LearnedColumns {
  /** The columns of numbers and booleans, in the order of the table: what it is as an array. */
  columns: string[];
  /** Those of them that are normalized, in the order in which they were selected; absent where all are. */
  selected?: string[];
  /** The others. */
  passedThrough: string[];
}

export interface Selection {
  /** The columns that the normalizer is limited to, by name, or by index in the table as sent. */
  columns?: readonly (string | number)[];
  /** Whether a whole number is the name of a column first, as in a query, where all is text. */
  numbersMayBeNames?: boolean;
  /** Columns that are something else than features: weights, labels. */
  notFeatures?: readonly string[];
  /** Where each of the columns is named, as a JSON pointer; by default in a list of the normalizer. */
  pointerOf?(at: number): string;
  /** Columns that are left out of the answer. */
  isDropped?(name: string): boolean;
}

/**
 * Selects the columns of a table for a fit.
 * @throws Problem unknown_columns, column_out_of_range, duplicate_columns, and not_numeric for a column that holds neither
 *   numbers nor booleans, or where no column does
 */
export function selectColumns(
  schema: TableSchema,
  {
    columns,
    numbersMayBeNames = false,
    notFeatures = [],
    pointerOf = pointerIn,
    isDropped = () => false,
  }: Selection = {},
): { plan: ColumnPlan; learned: LearnedColumns; warnings: ColumnWarning[] } {
  checkNames(schema);
  const reserved = new Set(notFeatures);
  const isFree = (column: TableColumn) => isFeature(column) && !reserved.has(column.name);
  const features = schema.flatMap((column, at) => (isFree(column) ? [at] : []));
  const places = columns ? placesIn(schema) : new Map<string, number>();
  const find = (column: string | number, at: number) =>
    findColumn(schema, places, column, numbersMayBeNames, pointerOf(at));
  const numbers = columns?.map(find);
  if (numbers) checkSelected(schema, numbers, pointerOf);
  else if (features.length === 0) throw noNumbers(schema);
  const tensor = numbers ?? features;
  const learned = new Set([...features, ...tensor]);
  const nameOf = (at: number) => schema[at].name;
  const others = schema.filter(
    (column, at) => !learned.has(at) && !reserved.has(column.name) && !isDropped(column.name),
  );
  return {
    plan: planColumns(schema, tensor, (at) => !isDropped(nameOf(at))),
    learned: {
      columns: schema.flatMap(({ name }, at) => (learned.has(at) ? [name] : [])),
      selected: numbers?.map(nameOf),
      passedThrough: schema.flatMap(({ name }, at) => (learned.has(at) ? [] : [name])),
    },
    warnings: passedThrough(others.map(({ name }) => name)),
  };
}

function pointerIn(at: number): string {
  return `/normalizer/columns/${at}`;
}

/** Where each column of a table is, by name. */
export function placesIn(schema: TableSchema): Map<string, number> {
  return new Map(schema.map(({ name }, at) => [name, at]));
}

/** @throws Problem unknown_columns, column_out_of_range */
export function findColumn(
  schema: TableSchema,
  places: ReadonlyMap<string, number>,
  column: string | number,
  mayBeName: boolean,
  place: string,
): number {
  const name = typeof column === 'string' ? column : mayBeName ? String(column) : undefined;
  const at = name === undefined ? undefined : places.get(name);
  if (at !== undefined) return at;
  if (typeof column === 'string') {
    const names = schema.map((one) => one.name);
    throw problemAt('unknown_columns', place, describeUnknown('column', column, names));
  }
  const index = column < 0 ? column + schema.length : column;
  if (index >= 0 && index < schema.length) return index;
  throw problemAt('column_out_of_range', place, `There is no column ${column}: the table has ${schema.length}.`);
}

function checkSelected(schema: TableSchema, numbers: readonly number[], pointerOf: (at: number) => string): void {
  const selected = new Set<number>();
  numbers.forEach((column, at) => {
    const { name } = schema[column];
    if (selected.size === selected.add(column).size) {
      throw problemAt('column_out_of_range', pointerOf(at), `The column ${quoteName(name)} is selected twice.`);
    }
    if (schema[column].kind === 'other') throw problemAt('not_numeric', pointerOf(at), describeText(schema[column]));
  });
}

/** What is wrong with a column that is to be normalized and holds text. */
export function describeText({ name, first }: TableColumn): string {
  const what = first ? `: its row ${first.row} is ${quoteName(first.text)}` : '';
  return `The column ${quoteName(name)} holds something else than numbers and booleans${what}.`;
}

function noNumbers(schema: TableSchema): Problem {
  if (schema.length === 0) return new Problem('empty', 'The table has no columns.');
  const [what, holds] =
    schema.length === 1 ? ['the only column', 'holds no'] : [`none of the ${schema.length} columns`, 'holds'];
  const names = listNames(schema.map(({ name }) => name));
  return new Problem('not_numeric', `There is nothing to normalize: ${what} (${names}) ${holds} numbers or booleans.`);
}
