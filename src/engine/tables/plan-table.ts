import { Problem, problemAt } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { narrowFitted, pickColumnsOf, selectedColumns } from '#normalizers/narrow-fitted.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { compositionOf, leavesOf } from '#normalizers/composition/parts.ts';
import { resolveNormalizer } from '#normalizers/composition/resolve-normalizer.ts';
import type { Warning } from '#normalizers/warnings/warning.ts';
import { type ColumnPlan, type ColumnWarning, planColumns, withoutCarried } from '#tables/column-plan.ts';
import { matchArrayColumns, matchByPosition, matchColumns, unnamedData } from '#tables/match-columns.ts';
import { checkNames, isFeature, type TableSchema } from '#tables/schema.ts';
import { type LearnedColumns, selectColumns } from '#tables/select-columns.ts';
import { formatShape } from '#tensor/shape.ts';
import type { Call } from '#engine/plan-call.ts';
import {
  columnsAsked,
  droppedColumns,
  droppedNames,
  narrowOptions,
  withLearnedColumns,
  withoutNames,
} from './composed-columns.ts';

/** What a request says of the columns of its data. */
export interface ColumnOptions {
  missing: 'error' | 'ignore';
  extra: 'pass' | 'drop' | 'error';
  /** Whether a whole number may be the name of a column, as in a query, where all is text. */
  numbersMayBeNames: boolean;
  /** Columns that are something else than features. */
  notFeatures: readonly string[];
}

/** A call, and what it reads of its table. */
export interface PlannedTable {
  call: Call;
  plan: ColumnPlan;
}

/**
 * Decides which columns of a table a call works on, and which it carries along: the tensor has exactly the columns that are
 * needed, in the order of the fit.
 * @param isTable whether the answer is a table again; one that is none has all columns of the fit
 * @throws Problem for columns that are missing, unknown, doubled, or hold text
 */
export function planTable(call: Call, schema: TableSchema, isTable: boolean, options: ColumnOptions): PlannedTable {
  const returnsData = call.include.includes('data') && call.operation !== 'fit' && call.operation !== 'describe';
  const kind = !returnsData ? 'none' : isTable ? 'table' : 'array';
  if (call.fitted) return planApply(call, call.fitted, schema, kind, options);
  return planFit(call, schema, kind, options);
}

/** What an answer has of the data. */
type AnswerKind = 'none' | 'table' | 'array';

function planFit(call: Call, schema: TableSchema, kind: AnswerKind, options: ColumnOptions): PlannedTable {
  const { normalizer } = call;
  const { numbersMayBeNames } = options;
  checkNames(schema);
  const asked = columnsAsked(normalizer, schema, numbersMayBeNames);
  const { plan, learned, warnings } = selectColumns(schema, { ...options, ...asked });
  const notes = [...(call.notes ?? []), ...(normalizer ? toWarnings(warnings) : [])];
  const { columns: names, selected } = learned;
  const answered = kind === 'table' ? plan : withoutCarried(plan);
  if (!normalizer) return { call: { ...call, table: { width: names.length, learned }, notes }, plan: answered };
  const indexes = selected && indexesOf(selected, names);
  const named = withLearnedColumns(normalizer, indexes, schema, numbersMayBeNames);
  const whole = resolveNormalizer(named, { length: names.length, names });
  const table = { width: names.length, learned, normalizer: whole };
  if (kind === 'array')
    return { call: { ...call, normalizer: withoutNames(whole), table, notes }, plan: planNamed(schema, names) };
  return { call: { ...call, normalizer: narrowOptions(whole), table, notes }, plan: answered };
}

function planApply(
  call: Call,
  fitted: Fitted,
  schema: TableSchema,
  kind: AnswerKind,
  options: ColumnOptions,
): PlannedTable {
  const isInverse = call.operation === 'inverse-transform';
  const learned = learnedOf(fitted);
  const width = widthOf(fitted) ?? schema.filter(isFeature).length;
  if (!learned) {
    const selected = selectedColumns(fitted.normalizer);
    const { plan, warnings } = matchByPosition(schema, width, selected, droppedColumns(fitted.normalizer, width));
    const notes = [...(call.notes ?? []), ...toWarnings(warnings, kind)];
    if (kind === 'table') return { call: { ...call, fitted: narrowFitted(fitted), table: { width }, notes }, plan };
    const whole = matchByPosition(schema, width);
    return { call: { ...call, table: { width }, notes }, plan: withoutCarried(whole.plan) };
  }
  const isDropped = droppedNames(fitted);
  const { plan, normalized, warnings } = matchColumns(schema, learned, {
    ...options,
    isInverse,
    isDropped,
    needsAll: looksAtAll(fitted),
  });
  const notes = [...(call.notes ?? []), ...toWarnings(warnings, kind)];
  const table = { width, places: normalized };
  if (kind !== 'array') {
    const narrowed = narrowFitted(fitted, normalized);
    return { call: { ...call, fitted: narrowed, table, notes }, plan: kind === 'table' ? plan : withoutCarried(plan) };
  }
  const present = new Set(schema.map(({ name }) => name));
  const names = learned.columns.filter((name) => present.has(name) && !(isInverse && isDropped(name)));
  const whole = pickColumnsOf(fitted, indexesOf(names, learned.columns));
  return { call: { ...call, fitted: whole, table, notes }, plan: planNamed(schema, names) };
}

/** The columns of an array, by name. */
function planNamed(schema: TableSchema, names: readonly string[]): ColumnPlan {
  const places = indexesOf(
    names,
    schema.map(({ name }) => name),
  );
  const text = places.find((at) => schema[at].kind === 'other');
  if (text !== undefined) {
    const detail = `An array has the columns of the fit, and ${JSON.stringify(schema[text].name)} holds text now: ask for a table.`;
    throw new Problem('not_numeric', detail);
  }
  return planColumns(schema, places, () => false);
}

function indexesOf(names: readonly string[], all: readonly string[]): number[] {
  const places = new Map(all.map((name, at) => [name, at]));
  return names.map((name) => places.get(name) ?? 0);
}

/** What is told of columns that pass through matters where the answer has them. */
function toWarnings(warnings: readonly ColumnWarning[], kind: AnswerKind = 'table'): Warning[] {
  const isTold = ({ code }: ColumnWarning) => kind === 'table' || code === 'names_not_checked';
  return warnings.filter(isTold).map((warning): Warning => ({ ...warning }));
}

/** What a document knows of the columns of its table; undefined where it was fitted without names. */
function learnedOf({ input, normalizer }: Fitted): LearnedColumns | undefined {
  const { columns, passedThrough = [] } = input;
  if (!columns) return undefined;
  const selected = selectedColumns(normalizer)?.map((column) => columns[column]);
  return { columns: [...columns], selected, passedThrough: [...passedThrough] };
}

/** Columns of the fit; undefined where any number of them will do. */
function widthOf({ input }: Fitted): number | undefined {
  if (input.columns) return input.columns.length;
  if (input.shape.length === 2) return input.shape[1] ?? undefined;
  const detail = `The data are a table; this normalizer was fitted on ${formatShape(input.shape)}, without names.`;
  throw new Problem('shape_mismatch', detail);
}

/**
 * A call that applies what was fitted on a table to an array: its columns go by position.
 * @param columns which of the columns the array has, where the request says it
 * @throws Problem where there are no such columns
 */
export function planArray(call: Call, shape: readonly number[], columns?: readonly (string | number)[]): Call {
  const { fitted, normalizer } = call;
  if (normalizer && !fitted) return { ...call, normalizer: resolveNormalizer(normalizer, { length: shape.at(-1) }) };
  if (!fitted) return call;
  const learned = learnedOf(fitted);
  if (!columns) {
    if (!learned || shape.length !== 2) return call;
    return { ...call, notes: toWarnings([unnamedData(learned)]) };
  }
  if (shape.length !== 2) {
    throw problemAt('shape_mismatch', '/columns', `columns are those of a table; the data have ${formatShape(shape)}.`);
  }
  const numbered = learned ?? numberedColumns(fitted, shape[1]);
  const names = learned ? columns : columns.map(String);
  const places = matchArrayColumns(names, numbered, shape[1]);
  const { length } = numbered.selected ?? numbered.columns;
  if (looksAtAll(fitted) && places.length < length) {
    const detail = `${fitted.normalizer.method} looks at all of its ${length} columns together: some of them have no answer of their own.`;
    throw problemAt('missing_columns', '/columns', detail);
  }
  return { ...call, fitted: narrowFitted(fitted, places), table: { places } };
}

/** Whether nothing can be computed of some of the columns alone. */
function looksAtAll({ normalizer }: Fitted): boolean {
  return compositionOf(normalizer)?.kind !== 'columns' && leavesOf(normalizer).some((leaf) => methodOf(leaf).joint);
}

/** Columns without names, called by their places. */
function numberedColumns(fitted: Fitted, width: number): LearnedColumns {
  const columns = Array.from({ length: widthOf(fitted) ?? width }, (_, at) => String(at));
  return { columns, selected: selectedColumns(fitted.normalizer)?.map(String), passedThrough: [] };
}
