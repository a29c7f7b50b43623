import type { AddRaw } from '#kernels/kernel-functions.ts';
import { copyOfDoubles, doublesAt, copyIn, allocate, withScratch } from '#kernels/kernels.ts';

/** A float64 tile in the kernels' memory, as a reduction sees it. */
export interface LoadedTile {
  /** Address of its values, row after row. */
  x: number;
  rows: number;
  columns: number;
  /** Whether a row is (part of) one slice, or each column is. */
  rowIsSlice: boolean;
  /** Whether it holds a NaN. */
  hasNan: boolean;
  /** Address of a weight per value, or 0. */
  weights: number;
  /** Address of room for two more tiles. */
  scratch: number;
}

/**
 * Something learned by looking at every value once: block → state, state + state → state. The state is one float64 per
 * field and slice; `add` and `merge` work on it in the kernels' memory, where a field's values lie `field` bytes after
 * those of the field before.
 */
export interface Reduction {
  name: string;
  fields: readonly string[];
  /** How many of the last fields older states lack. */
  addedFields?: number;
  /** Each field's value before anything was seen. */
  empty: readonly number[];
  /** Adds a tile to the state of its first slice, which is number `slice` of all. */
  add(tile: LoadedTile, state: number, field: number, slice: number): void;
  /** Whether a state has a number for each pair of slices behind its fields: a lower triangle, row after row. */
  hasPairs?: true;
  /** In place of `add`, where slices are seen together: adds whole samples, one value of each slice a row. */
  addSamples?(x: number, rows: number, slices: number, state: number): void;
  /** The same without float64 tiles, where that is faster. It gives the same bits. */
  addRaw?: { uint8: AddRaw; float32: AddRaw };
  merge(slices: number, from: number, fromField: number, into: number, intoField: number): void;
}

/** What a reduction knows of the slices `[from, from + slices)`: `values` holds one field after the other. */
export interface State {
  from: number;
  slices: number;
  values: Float64Array<ArrayBuffer>;
  /** Of data in groups: which groups these slices belong to, in ascending order; each has as many. */
  groups?: Int32Array;
}

/** Slices up to which a copy is cheaper than a view: V8 keeps so few values in the object, but none that has a view. */
const fewSlices = 8;

/** One field's values, one per slice: to be read only, since they may be a copy. */
export function field(reduction: Reduction, { values, slices }: State, name: string): Float64Array<ArrayBuffer> {
  const from = reduction.fields.indexOf(name) * slices;
  return slices <= fewSlices ? values.slice(from, from + slices) : values.subarray(from, from + slices);
}

/** Numbers of a state. */
export function stateLength({ fields, hasPairs }: Reduction, slices: number): number {
  return fields.length * slices + (hasPairs ? (slices * (slices + 1)) / 2 : 0);
}

export function emptyState(reduction: Reduction, from: number, slices: number): State {
  const values = new Float64Array(stateLength(reduction, slices));
  reduction.empty.forEach((value, at) => values.fill(value, at * slices, (at + 1) * slices));
  return { from, slices, values };
}

/**
 * Merges states in the order given, so that the same states give the same bits. States that share slices are merged
 * there; those that follow each other are joined.
 */
export function mergeStates(reduction: Reduction, states: readonly State[]): State {
  if (states.length === 1) return states[0];
  if (states[0].groups) return mergeGroups(reduction, states);
  const from = Math.min(...states.map((state) => state.from));
  const to = Math.max(...states.map((state) => state.from + state.slices));
  const merged = emptyState(reduction, from, to - from);
  return withScratch(() => {
    const into = copyIn(merged.values);
    const intoField = merged.slices * 8;
    const other = allocate(Math.max(...states.map((state) => state.values.byteLength)));
    for (const state of states) {
      doublesAt(other, state.values.length).set(state.values);
      reduction.merge(state.slices, other, state.slices * 8, into + (state.from - from) * 8, intoField);
    }
    merged.values.set(doublesAt(into, merged.values.length));
    return merged;
  });
}

/** Merges states of groups: those of a group where several have it. */
function mergeGroups(reduction: Reduction, states: readonly State[]): State {
  const groups = Int32Array.from(new Set(states.flatMap((state) => [...(state.groups ?? [])]))).sort();
  const { slices: all, groups: some } = states.find((state) => state.slices > 0) ?? states[0];
  const slices = all / Math.max(some?.length ?? 1, 1);
  const merged = emptyState(reduction, 0, groups.length * slices);
  return withScratch(() => {
    const into = copyIn(merged.values);
    const intoField = merged.slices * 8;
    const other = allocate(Math.max(...states.map((state) => state.values.byteLength)));
    for (const state of states) {
      const own = state.groups ?? groups;
      doublesAt(other, state.values.length).set(state.values);
      for (let at = 0, place = 0; at < own.length; ) {
        while (groups[place] !== own[at]) place++;
        let length = 1;
        while (at + length < own.length && groups[place + length] === own[at + length]) length++;
        reduction.merge(
          length * slices,
          other + at * slices * 8,
          state.slices * 8,
          into + place * slices * 8,
          intoField,
        );
        at += length;
        place += length;
      }
    }
    merged.values.set(doublesAt(into, merged.values.length));
    return { ...merged, groups };
  });
}

/** Copies a state out of the kernels' memory. */
export function stateAt(reduction: Reduction, address: number, from: number, slices: number): State {
  return { from, slices, values: copyOfDoubles(address, stateLength(reduction, slices)) };
}
