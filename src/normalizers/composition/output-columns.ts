import type { CommonOptions, ResolvedOptions } from '../method.ts';
import { compositionOf, isShorthand } from './parts.ts';
import { methodOf } from '../normalizer.ts';

/** A column that comes out. */
export interface OutputColumn {
  /** The input column where it stands: its own, or the first of those that it is computed from. */
  at: number;
  /** What it is called, where it is not the input column itself, and the columns that it is computed from. */
  name?: string;
  from?: readonly number[];
}

/** Columns that a part of a normalizer takes. */
interface Taken {
  columns: readonly number[];
  /** The part's place among the parts, and its normalizer. */
  part: number;
  normalizer: CommonOptions;
}

/** The columns of a row, divided among those who compute on them; what is with none is dropped. */
interface Divided {
  taken: Taken[];
  passed: number[];
}

/**
 * How a normalizer divides the columns of a row: those that its parts compute on, and those that pass. What is in neither
 * is dropped. Undefined where it takes whole rows.
 */
export function divideColumns(normalizer: CommonOptions, rowLength: number): Divided | undefined {
  const composition = compositionOf(normalizer);
  const all = Array.from({ length: rowLength }, (_, at) => at);
  if (composition?.kind !== 'columns') {
    const { columns, ...rest } = normalizer as ResolvedOptions;
    if (!columns) return undefined;
    const isTaken = new Set(columns);
    return { taken: [{ columns, part: 0, normalizer: rest }], passed: all.filter((at) => !isTaken.has(at)) };
  }
  const named = new Set<number>();
  const passed: number[] = [];
  const taken: Taken[] = [];
  composition.partsOf(normalizer).forEach((part, at) => {
    const columns = (part.columns ?? []).filter((column) => typeof column === 'number');
    for (const column of columns) named.add(column);
    if (part.normalizer === 'passthrough') passed.push(...columns);
    else if (!isShorthand(part.normalizer) && columns.length > 0)
      taken.push({ columns, part: at, normalizer: part.normalizer });
  });
  if (composition.remainder?.(normalizer) !== 'drop') passed.push(...all.filter((at) => !named.has(at)));
  return { taken, passed: passed.sort((a, b) => a - b) };
}

/**
 * The columns that come out of a row, in their order; undefined where they are those that go in. What is computed of several
 * stands where the first of them was.
 */
export function outputColumns(normalizer: CommonOptions, rowLength: number): OutputColumn[] | undefined {
  const composition = compositionOf(normalizer);
  if (!composition && !methodOf(normalizer).outputs?.(normalizer)) return undefined;
  const divided = divideColumns(normalizer, rowLength);
  if (divided) return dividedOutputs(divided, rowLength);
  if (!composition) {
    const outputs = methodOf(normalizer).outputs?.(normalizer);
    if (!outputs) return undefined;
    const from = Array.from({ length: rowLength }, (_, at) => at);
    return Array.from({ length: outputs.count }, (_, at) => ({ at: 0, name: `${outputs.name}${at}`, from }));
  }
  return composition.partsOf(normalizer).reduce((before: OutputColumn[] | undefined, part) => {
    if (isShorthand(part.normalizer)) return before;
    const after = outputColumns(part.normalizer, before?.length ?? rowLength);
    if (!before || !after) return after ?? before;
    return after.map(({ at, name, from }): OutputColumn => {
      if (name === undefined) return before[at];
      const all = from?.flatMap((one) => before[one].from ?? [before[one].at]) ?? [];
      return { at: all.reduce((least, one) => Math.min(least, one)), name, from: [...new Set(all)] };
    });
  }, undefined);
}

/** A column that comes out, and which of its part's outputs it is. */
interface Standing extends OutputColumn {
  /** The place among those that are taken; −1 of a column that passes. */
  owner: number;
  own: number;
}

/** What comes out of a row, in order. */
function standingColumns({ taken, passed }: Divided, rowLength: number): Standing[] {
  const standing: Standing[][] = Array.from({ length: rowLength }, () => []);
  passed.forEach((at, own) => standing[at].push({ at, owner: -1, own }));
  taken.forEach(({ columns, normalizer }, owner) => {
    const outputs = outputColumns(normalizer, columns.length);
    const first = columns.reduce((least, at) => Math.min(least, at));
    if (!outputs) columns.forEach((at, own) => standing[at].push({ at, owner, own }));
    else
      outputs.forEach((output, own) => {
        const { name } = output;
        if (name === undefined) standing[columns[output.at]].push({ at: columns[output.at], owner, own });
        else standing[first].push({ at: first, name, from: output.from?.map((one) => columns[one]), owner, own });
      });
  });
  return standing.flat();
}

function dividedOutputs(divided: Divided, rowLength: number): OutputColumn[] | undefined {
  const columns = standingColumns(divided, rowLength);
  const isSame = columns.length === rowLength && columns.every(({ at, name }, i) => at === i && name === undefined);
  return isSame ? undefined : columns.map(({ at, name, from }) => (name === undefined ? { at } : { at, name, from }));
}

/** Where columns are picked from a row, and where what comes of them is put. */
export interface Moved {
  from: number[];
  to: number[];
}

/** The way of columns through a normalizer that divides them. */
export interface Division {
  branches: (Moved & { part: number })[];
  passed: Moved;
  /** Columns of the row that comes out. */
  toLength: number;
}

/**
 * @param rowLength columns of the rows that were fitted
 * @param isInverse the way back: from the columns that came out to those that were taken
 */
export function divisionOf(normalizer: CommonOptions, rowLength: number, isInverse: boolean): Division | undefined {
  const divided = divideColumns(normalizer, rowLength);
  if (!divided) return undefined;
  const { taken, passed } = divided;
  const given = standingColumns(divided, rowLength);
  const givenBy = (owner: number) => {
    const places: number[] = [];
    given.forEach((column, at) => {
      if (column.owner === owner) places[column.own] = at;
    });
    return places;
  };
  if (!isInverse) {
    const branches = taken.map(({ columns, part }, owner) => ({ part, from: [...columns], to: givenBy(owner) }));
    return { branches, passed: { from: passed, to: givenBy(-1) }, toLength: given.length };
  }
  const restored = restoredColumns(normalizer, rowLength) ?? Array.from({ length: rowLength }, (_, at) => at);
  const placeOf = new Map(restored.map((column, at) => [column, at]));
  const put = (columns: readonly number[]) => columns.map((column) => placeOf.get(column) ?? 0);
  const branches = taken.map(({ columns, part, normalizer: own }, owner) => {
    const back = restoredColumns(own, columns.length);
    return { part, from: givenBy(owner), to: put(back ? back.map((at) => columns[at]) : columns) };
  });
  return { branches, passed: { from: givenBy(-1), to: put(passed) }, toLength: restored.length };
}

/** What a call makes of data, as far as their shape depends on it. */
export interface Conversion {
  operation: string;
  normalizer?: CommonOptions;
  fitted?: { normalizer: ResolvedOptions; input: { shape: readonly (number | null)[] } };
}

/** The shape of what a fitted normalizer's transform gives; `null` where another batch may differ. */
export function transformedShape({
  normalizer,
  input: { shape },
}: NonNullable<Conversion['fitted']>): readonly (number | null)[] {
  const outputs = shape.length === 0 ? undefined : outputColumns(normalizer, shape.at(-1) ?? 1);
  return outputs ? [...shape.slice(0, -1), outputs.length] : shape;
}

/** The shape of a call's output for data of a shape. */
export function outputShape({ operation, normalizer, fitted }: Conversion, shape: readonly number[]): number[] {
  const asked = fitted?.normalizer ?? normalizer;
  const rowLength = shape.at(-1);
  if (!asked || rowLength === undefined) return [...shape];
  if (operation === 'inverse-transform') {
    const width = fitted?.input.shape.at(-1);
    const restored = width ? restoredColumns(asked, width) : undefined;
    return restored ? [...shape.slice(0, -1), restored.length] : [...shape];
  }
  const outputs = outputColumns(asked, rowLength);
  return outputs ? [...shape.slice(0, -1), outputs.length] : [...shape];
}

/** The columns that an inverse gives: all but those that were dropped. Undefined where they are those that come out of the transform. */
export function restoredColumns(normalizer: CommonOptions, rowLength: number): number[] | undefined {
  if (!outputColumns(normalizer, rowLength)) return undefined;
  const divided = divideColumns(normalizer, rowLength);
  const all = Array.from({ length: rowLength }, (_, at) => at);
  if (divided) {
    const kept = divided.taken.flatMap(({ columns, normalizer: part }) => {
      const own = restoredColumns(part, columns.length);
      return own ? own.map((at) => columns[at]) : columns;
    });
    return [...kept, ...divided.passed].sort((a, b) => a - b);
  }
  const composition = compositionOf(normalizer);
  const first = composition?.partsOf(normalizer).find(({ normalizer: part }) => !isShorthand(part))?.normalizer;
  return first && !isShorthand(first) ? (restoredColumns(first, rowLength) ?? all) : all;
}

/** What a call's output columns are called; nothing where those of its data have no names. */
export function outputNames({ operation, normalizer, fitted }: Conversion, names: readonly string[]): string[] {
  const asked = fitted?.normalizer ?? normalizer;
  if (!asked || names.length === 0 || operation === 'inverse-transform') return [...names];
  const outputs = outputColumns(asked, names.length);
  return outputs ? nameColumns(outputs, names) : [...names];
}

/** Each has a name of its own: `pca0` of a second part, or beside a column that is called so, is `pca0_2`. */
export function nameColumns(outputs: readonly OutputColumn[], names: readonly string[]): string[] {
  const taken = new Set(outputs.flatMap(({ at, name }) => (name === undefined ? [names[at]] : [])));
  return outputs.map(({ at, name }) => {
    if (name === undefined) return names[at];
    let own = name;
    for (let count = 2; taken.has(own); count++) own = `${name}_${count}`;
    taken.add(own);
    return own;
  });
}
