import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { allParameterArrays, pathOfPart, samplesSeenToJson } from '#formats/json/fitted/fitted-document.ts';
import { compositionOf } from '#normalizers/composition/parts.ts';
import { createSliceNames, type SliceName } from './slice-names.ts';

/** What changed from one fitted document to another. */
export interface Diff {
  /** Options that differ, `method` among them; one that only the other has is null. */
  options: Change[];
  /** Of the input: dtype, shape and columns, where they differ. */
  input: Change[];
  n_samples_seen: { from: unknown; to: unknown };
  /** The parameters that both have. */
  parameters: ParameterDiff[];
  /** Parameters that one of them does not have, or has for other slices. */
  not_comparable: string[];
}

interface Change {
  name: string;
  from: unknown;
  to: unknown;
}

interface ParameterDiff {
  name: string;
  /** Slices whose values differ, and the largest change among them in units of the older scale; null without a scale. */
  n_changed: number;
  largest_change: number | null;
  /** The largest changes first, `maxColumns` at most. */
  columns: ColumnChange[];
}

interface ColumnChange {
  column: SliceName;
  from: number | null;
  to: number | null;
  /** `to − from`, as it is and in units of the older scale. */
  change: number | null;
  change_in_scale: number | null;
}

/** Changed slices that are listed of one parameter. */
const maxColumns = 1000;

/** Parameters that tell how wide a slice is, the most telling first; a method has one of them or none. */
const widths = ['data_range', 'max_abs', 'scale', 'norms', 'std'];

/** @param from the older one, in whose scale changes are told */
export function diffFitted(from: Fitted, to: Fitted): Diff {
  return {
    options: changesOf(from.normalizer, to.normalizer),
    input: changesOf(from.input, to.input),
    n_samples_seen: { from: samplesSeenToJson(from), to: samplesSeenToJson(to) },
    ...diffParameters(from, to, ''),
  };
}

/** @param prefix of the parameters of a part: `transformers.1.` */
function diffParameters(from: Fitted, to: Fitted, prefix: string): Pick<Diff, 'parameters' | 'not_comparable'> {
  if (from.parts && to.parts && from.normalizer.method === to.normalizer.method) return diffParts(from, to, prefix);
  const sameSlices = JSON.stringify(from.keptShape) === JSON.stringify(to.keptShape);
  const names = [...new Set([...Object.keys(from.parameters), ...Object.keys(to.parameters)])];
  const isComparable = (name: string) => sameSlices && from.parameters[name]?.length === to.parameters[name]?.length;
  const isAlike = from.normalizer.method === to.normalizer.method;
  const alike = isAlike ? names.filter(isComparable) : [];
  return {
    parameters: alike.map((name) => ({ ...diffParameter(name, from, to), name: prefix + name })),
    not_comparable: names.filter((name) => !alike.includes(name)).map((name) => prefix + name),
  };
}

function diffParts(from: Fitted, to: Fitted, prefix: string): Pick<Diff, 'parameters' | 'not_comparable'> {
  const [was, is] = [namedParts(from), namedParts(to)];
  const length = Math.max(was.length, is.length);
  const diffs = Array.from({ length }, (_, at) => {
    const [older, newer] = [was[at], is[at]];
    const place = prefix + pathOfPart(from, at);
    if (older && newer) return diffParameters(older, newer, place);
    const only = older ?? newer;
    return { parameters: [], not_comparable: only ? allParameterArrays(only, place).map(({ name }) => name) : [] };
  });
  return {
    parameters: diffs.flatMap(({ parameters }) => parameters),
    not_comparable: diffs.flatMap(({ not_comparable: others }) => others),
  };
}

/** The parts, with the names of the columns that each takes, where the table has names and they are still these. */
function namedParts({ parts = [], normalizer, input: { columns } }: Fitted): (Fitted | undefined)[] {
  const given = compositionOf(normalizer)?.partsOf(normalizer) ?? [];
  const taken = columns && normalizer.columns ? normalizer.columns.map((at) => columns[at]) : columns;
  return parts.map((part, at) => {
    if (!part || !taken) return part;
    const own = given[Math.min(at, given.length - 1)].columns?.map((column) => taken[column as number]) ?? taken;
    return own.length === part.input.shape.at(-1) ? { ...part, input: { ...part.input, columns: own } } : part;
  });
}

function changesOf(from: object, to: object): Change[] {
  const [was, is] = [from, to] as Record<string, unknown>[];
  const names = [...new Set([...Object.keys(was), ...Object.keys(is)])];
  return names
    .map((name) => ({ name, from: was[name] ?? null, to: is[name] ?? null }))
    .filter((change) => JSON.stringify(change.from) !== JSON.stringify(change.to));
}

function diffParameter(name: string, from: Fitted, to: Fitted): ParameterDiff {
  const [was, is] = [from.parameters[name], to.parameters[name]];
  const slices = from.keptShape.reduce((product, length) => product * length, 1);
  const scale = widths.map((width) => from.parameters[width]).find((values) => values?.length === slices);
  const nameOf = createSliceNames(from);
  const isPerSlice = was.length % slices === 0;
  /** Of a parameter with several values a slice, the place of the one that changed most. */
  const largest = new Map<number, number>();
  const size = (at: number) => {
    const change = Math.abs(is[at] - was[at]);
    return Number.isNaN(change) ? Infinity : change;
  };
  for (let at = 0; at < was.length; at++) {
    if (Object.is(was[at], is[at])) continue;
    const slice = isPerSlice ? at % slices : at;
    const known = largest.get(slice);
    if (known === undefined || size(at) > size(known)) largest.set(slice, at);
  }
  const changed = [...largest].map(([slice, at]) => {
    const width = isPerSlice ? scale?.[slice] : undefined;
    const change = is[at] - was[at];
    return {
      column: isPerSlice ? nameOf(slice) : slice,
      from: finite(was[at]),
      to: finite(is[at]),
      change: finite(change),
      change_in_scale: width ? finite(change / width) : null,
    };
  });
  changed.sort((a, b) => sizeOf(b) - sizeOf(a));
  return {
    name,
    n_changed: changed.length,
    largest_change: changed[0]?.change_in_scale ?? null,
    columns: changed.slice(0, maxColumns),
  };
}

/** What is no number any more changed most. */
function sizeOf({ change, change_in_scale: scaled }: ColumnChange): number {
  return Math.abs(scaled ?? change ?? Infinity);
}

function finite(value: number): number | null {
  return Number.isFinite(value) ? value : null;
}
