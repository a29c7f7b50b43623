import { Problem } from '#errors.ts';
import { listNames, nearestName, quoteName } from '#nearest-name.ts';
import { type ColumnPlan, type ColumnWarning, passedThrough, planColumns, warningOf } from './column-plan.ts';
import { checkNames, isFeature, type TableColumn, type TableSchema } from './schema.ts';
import { describeText, type LearnedColumns } from './select-columns.ts';

/** What a caller says of columns that are not as they were in the fit. */
export interface MatchOptions {
  missing: 'error' | 'ignore';
  extra: 'pass' | 'drop' | 'error';
  /** Whether part of the table is enough: an inverse takes back what it gets. */
  isInverse: boolean;
  /** Whether nothing can be computed of some of the columns alone. */
  needsAll?: boolean;
  /** Columns that are left out of the answer. */
  isDropped?(name: string): boolean;
}

export interface Match {
  plan: ColumnPlan;
  /** For each column of the tensor, which of the normalized columns it is; absent where they are all there, in their order. */
  normalized?: number[];
  warnings: ColumnWarning[];
}

/**
 * Matches the columns of a table to those of a fit by name: the tensor has them in the order of the fit, wherever they stand in
 * the table.
 * @throws Problem missing_columns, unknown_columns, duplicate_columns; not_numeric for a column of numbers that now holds text
 */
export function matchColumns(
  schema: TableSchema,
  learned: LearnedColumns,
  { missing, extra, isInverse, needsAll = false, isDropped = () => false }: MatchOptions,
): Match {
  checkNames(schema);
  const places = new Map(schema.map(({ name }, at) => [name, at]));
  const wanted = learned.selected ?? learned.columns;
  const there = wanted.filter((name) => places.has(name));
  const absent = wanted.filter((name) => !places.has(name));
  const mayLack = !needsAll && (isInverse || missing === 'ignore');
  if (there.length === 0 || (absent.length > 0 && !mayLack)) throw missingColumns(absent, schema, learned, needsAll);
  const numbers = there.map((name) => places.get(name) ?? 0);
  const text = numbers.find((at) => schema[at].kind === 'other');
  if (text !== undefined) throw new Problem('not_numeric', describeText(schema[text]));

  const carriedNames = new Set(learned.passedThrough);
  const known = new Set([...learned.columns, ...learned.passedThrough]);
  const unknown = schema.filter(({ name, isIndex }) => !known.has(name) && isIndex !== true).map(({ name }) => name);
  if (unknown.length > 0 && extra === 'error') throw unknownColumns(unknown, wanted);
  const dropped = new Set(extra === 'drop' ? unknown : []);
  const carried = schema.filter(
    ({ name, isIndex }) => isIndex === true || (carriedNames.has(name) && !isDropped(name)),
  );
  const isLeftOut = ({ name, isIndex }: TableColumn) => dropped.has(name) || (isIndex !== true && isDropped(name));
  return {
    plan: planColumns(schema, numbers, (column) => !isLeftOut(schema[column])),
    normalized: absent.length > 0 ? wanted.flatMap((name, at) => (places.has(name) ? [at] : [])) : undefined,
    warnings: [
      ...passedThrough(carried.map(({ name }) => name)),
      ...(unknown.length > 0 && extra === 'pass' ? [unknownPass(unknown)] : []),
    ],
  };
}

/**
 * The columns of a table for a normalizer that was fitted without names: its columns of numbers and booleans, by position.
 * @param width how many columns the fit had
 * @param selected those that are normalized, by position; all of them where absent
 * @param dropped those that are left out of the answer, by position
 * @throws Problem shape_mismatch
 */
export function matchByPosition(
  schema: TableSchema,
  width: number,
  selected?: readonly number[],
  dropped: readonly number[] = [],
): Match {
  checkNames(schema);
  const features = schema.flatMap((column, at) => (isFeature(column) ? [at] : []));
  if (features.length !== width) {
    const names = listNames(features.map((at) => schema[at].name));
    const detail = `The table has ${features.length} columns of numbers (${names}); this normalizer was fitted on ${width}, without names.`;
    throw new Problem('shape_mismatch', detail);
  }
  const others = schema.filter((column) => !isFeature(column)).map(({ name }) => name);
  const numbers = selected ? selected.map((at) => features[at]) : features;
  const leftOut = new Set(dropped.map((at) => features[at]));
  return {
    plan: planColumns(schema, numbers, (at) => !leftOut.has(at)),
    warnings: [
      ...passedThrough(others),
      uncheckedNames('This normalizer was fitted without column names: the columns of the table go by position.'),
    ],
  };
}

/** What to tell where data without names meet a normalizer that knows names. */
export function unnamedData({ columns }: LearnedColumns): ColumnWarning {
  return uncheckedNames(
    `The data have no column names: they go by position, in the order of the fit: ${listNames(columns)}.`,
  );
}

function uncheckedNames(message: string): ColumnWarning {
  return { code: 'names_not_checked', message };
}

/**
 * Which of the normalized columns an array holds, for an inverse of part of a table.
 * @param columns their names, or their places among the columns of the fit
 * @param width how many columns the array has
 * @throws Problem unknown_columns, column_out_of_range, shape_mismatch
 */
export function matchArrayColumns(
  columns: readonly (string | number)[],
  { columns: all, selected = all }: LearnedColumns,
  width: number,
): number[] {
  if (columns.length !== width) {
    throw new Problem('shape_mismatch', `columns names ${columns.length}, and the data have ${width} columns.`);
  }
  const names = columns.map((column) => (typeof column === 'number' ? (all.at(column) ?? String(column)) : column));
  const placeOf = new Map(selected.map((name, at) => [name, at]));
  const unknown = names.filter((name) => !placeOf.has(name));
  if (unknown.length > 0) throw unknownColumns(unknown, selected);
  const twice = firstRepeated(names);
  if (twice !== undefined) throw new Problem('duplicate_columns', `columns names ${quoteName(twice)} twice.`);
  return names.map((name) => placeOf.get(name) ?? 0);
}

function firstRepeated(names: readonly string[]): string | undefined {
  const seen = new Set<string>();
  return names.find((name) => seen.size === seen.add(name).size);
}

/** Columns whose nearest names a message tells. */
const maxGuessed = 5;

function missingColumns(
  absent: readonly string[],
  schema: TableSchema,
  { columns }: LearnedColumns,
  needsAll: boolean,
): Problem {
  // A name that is itself a column of the fit is no misspelling.
  const ofFit = new Set(columns);
  const free = schema.map(({ name }) => name).filter((name) => !ofFit.has(name));
  const what = absent.length === 1 ? 'The column' : 'The columns';
  const guesses = absent.slice(0, maxGuessed).flatMap((name) => {
    const nearest = nearestName(name, free);
    return nearest === undefined ? [] : [`${quoteName(nearest)} is near ${quoteName(name)}`];
  });
  const hint =
    guesses.length > 0 ? `: ${guesses.join(', ')}` : `, which has ${listNames(schema.map(({ name }) => name))}`;
  const rest = needsAll
    ? 'All columns are looked at together, so that none can be left out.'
    : 'missing_columns=ignore normalizes what is there.';
  return new Problem('missing_columns', `${what} ${listNames(absent)} of the fit must be in the table${hint}. ${rest}`);
}

function unknownColumns(unknown: readonly string[], wanted: readonly string[]): Problem {
  const what = unknown.length === 1 ? 'is no column' : 'are no columns';
  const nearest = unknown.length === 1 ? nearestName(unknown[0], wanted) : undefined;
  const hint = nearest === undefined ? `it normalizes ${listNames(wanted)}.` : `did you mean ${quoteName(nearest)}?`;
  return new Problem('unknown_columns', `${listNames(unknown)} ${what} of this fit; ${hint}`);
}

function unknownPass(unknown: readonly string[]): ColumnWarning {
  const [what, pass] = unknown.length === 1 ? ['was', 'it passes'] : ['were', 'they pass'];
  const message = `${listNames(unknown)} ${what} not in the fit: ${pass} through unchanged. extra_columns=drop or error does otherwise.`;
  return warningOf('unknown_columns', message, unknown);
}
