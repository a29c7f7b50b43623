import { type Problem, problemAt, quote } from '#errors.ts';
import { describeUnknown, listNames, quoteName } from '#nearest-name.ts';
import type { CommonOptions, Part, ResolvedOptions } from '../method.ts';
import { outputColumns } from './output-columns.ts';
import { compositionOf, isShorthand } from './parts.ts';

/** The columns of what a normalizer takes. */
interface Row {
  /** Absent for an array of rank 0. */
  length?: number;
  /** What the columns are called; none of an array. */
  names?: readonly string[];
}

/**
 * Resolves the columns of a normalizer, and of those it is made of, to indexes of the columns that each of them takes.
 * @throws Problem column_out_of_range for columns that are not there or given twice, unknown_columns for names
 */
export function resolveNormalizer(normalizer: CommonOptions, row: Row, pointer = '/normalizer'): ResolvedOptions {
  const composition = compositionOf(normalizer);
  if (!composition && !normalizer.columns) return normalizer as ResolvedOptions;
  const own = normalizer.columns && resolveColumns(normalizer.columns, row, `${pointer}/columns`);
  const resolved = (own ? { ...normalizer, columns: own } : normalizer) as ResolvedOptions;
  if (!composition) return resolved;
  const taken = own ? pickColumns(row, own) : row;
  const parts = composition.partsOf(resolved);
  const placeOf = (at: number) => pointer + composition.pointerOf(at);
  if (composition.kind !== 'columns')
    return composition.withParts(resolved, resolveSteps(parts, taken, placeOf)) as ResolvedOptions;
  const branches = parts.map((part, at): Part => {
    const place = placeOf(at);
    const listed = place.slice(0, place.lastIndexOf('/'));
    const columns = resolveColumns(part.columns ?? [], row, `${listed}/columns`, isShorthand(part.normalizer));
    if (isShorthand(part.normalizer)) return { ...part, columns };
    return { columns, normalizer: resolveNormalizer(part.normalizer, pickColumns(row, columns), place) };
  });
  checkDisjoint(branches, row, pointer);
  const remainder = composition.remainder?.(resolved);
  if (remainder === 'error') checkNoRemainder(branches, row, pointer);
  const whole = composition.withParts(resolved, branches) as ResolvedOptions;
  if (row.length !== undefined && outputColumns(whole, row.length)?.length === 0)
    throw problemAt('not_computable', pointer, 'All columns are dropped, so that nothing comes out.');
  return whole;
}

function resolveSteps(parts: readonly Part[], row: Row, placeOf: (at: number) => string): Part[] {
  let taken = row;
  return parts.map((part, at) => {
    if (isShorthand(part.normalizer)) return part;
    const normalizer = resolveNormalizer(part.normalizer, taken, placeOf(at));
    const outputs = taken.length === undefined ? undefined : outputColumns(normalizer, taken.length);
    const { names } = taken;
    if (outputs)
      taken = { length: outputs.length, names: names && outputs.map(({ at: from, name }) => name ?? names[from]) };
    return { ...part, normalizer };
  });
}

/**
 * Resolves names and negative indexes.
 * @param mayBeOther whether names may be those of columns that are no numbers, and so none of these
 */
function resolveColumns(
  columns: readonly (number | string)[],
  { length, names }: Row,
  pointer: string,
  mayBeOther = false,
): (number | string)[] {
  if (length === undefined) throw problemAt('column_out_of_range', pointer, 'An array of rank 0 has no columns.');
  const indexes = columns.map((column, at) => {
    if (typeof column === 'string') return placeOfName(column, names, mayBeOther, `${pointer}/${at}`);
    if (column >= -length && column < length) return column < 0 ? column + length : column;
    const detail = `Column ${column} is out of range: the last axis has length ${length}.`;
    throw problemAt('column_out_of_range', `${pointer}/${at}`, detail);
  });
  const known = new Set<number | string>();
  const twice = indexes.findIndex((column) => known.size === known.add(column).size);
  if (twice < 0) return indexes;
  const detail = `Column ${String(columns[twice])} is given twice.`;
  throw problemAt('column_out_of_range', `${pointer}/${twice}`, detail);
}

function placeOfName(
  name: string,
  names: readonly string[] | undefined,
  mayBeOther: boolean,
  pointer: string,
): number | string {
  const at = names?.indexOf(name) ?? -1;
  if (at >= 0) return at;
  if (names && mayBeOther) return name;
  const detail = names
    ? describeUnknown('column', name, names)
    : `The data have no column names, so that none is ${quote(name)}: columns are indexes here.`;
  throw problemAt('unknown_columns', pointer, detail);
}

function pickColumns({ names }: Row, columns: readonly (number | string)[]): Row {
  return { length: columns.length, names: names && columns.map((at) => names[at as number]) };
}

function nameOf(column: number | string, { names }: Row): string {
  return typeof column === 'string' ? quoteName(column) : names ? quoteName(names[column]) : String(column);
}

function checkDisjoint(branches: readonly Part[], row: Row, pointer: string): void {
  const owner = new Map<number | string, number>();
  branches.forEach(({ columns = [] }, at) => {
    columns.forEach((column, place) => {
      const other = owner.get(column);
      owner.set(column, at);
      if (other !== undefined)
        throw columnOfTwo(nameOf(column, row), other, `${pointer}/transformers/${at}/columns/${place}`);
    });
  });
}

/** What is wrong with a column that two transformers name. */
export function columnOfTwo(name: string, other: number, pointer: string): Problem {
  const detail = `The column ${name} belongs to transformer ${other} already: a column has one treatment, or several in a pipeline.`;
  return problemAt('invalid_request', pointer, detail);
}

function checkNoRemainder(branches: readonly Part[], row: Row, pointer: string): void {
  const named = new Set(branches.flatMap(({ columns = [] }) => columns));
  const rest = Array.from({ length: row.length ?? 0 }, (_, at) => at).filter((at) => !named.has(at));
  if (rest.length === 0) return;
  throw leftOver(
    rest.map((at) => row.names?.[at] ?? String(at)),
    pointer,
  );
}

/** What is wrong with columns that no transformer names. */
export function leftOver(names: readonly string[], pointer = '/normalizer'): Problem {
  const what = names.length === 1 ? 'The column' : 'The columns';
  const detail = `${what} ${listNames(names)} belong${names.length === 1 ? 's' : ''} to no transformer, which remainder 'error' rejects; 'passthrough' and 'drop' take them.`;
  return problemAt('unknown_columns', `${pointer}/remainder`, detail);
}
