import type { AddRaw } from '#kernels/kernel-functions.ts';
import { doublesAt, fillDoubles, kernels, allocate, tileFlags, withScratch } from '#kernels/kernels.ts';
import { dtypeNumber, type View } from '#kernels/view.ts';
import { itemSize } from '#tensor/dtype.ts';
import { eachTile, type Layout, slicesTouched, type Tile, tileCapacity } from '#tensor/layout.ts';
import { problemAt } from '#errors.ts';
import { type LoadedTile, type Reduction, type State, stateAt } from './reduction.ts';

/** A weight per index of axis 0. */
export interface SampleWeights {
  values: Float64Array;
  /** Elements of one sample. */
  sampleLength: number;
}

export interface ReduceOptions {
  /** What makes the block an error: bits of `tileFlags`. */
  refuse: number;
  weights?: SampleWeights;
}

/** NaN and infinities make an error under `raise`, infinities under `omit`. */
export function rejectedBits(nanPolicy: 'raise' | 'omit' | 'propagate'): number {
  if (nanPolicy === 'propagate') return tileFlags.inexact;
  return nanPolicy === 'omit'
    ? tileFlags.inexact | tileFlags.infinity
    : tileFlags.inexact | tileFlags.infinity | tileFlags.nan;
}

/**
 * Looks at every value of a block once, for all reductions.
 * @returns a state per reduction, for the slices that the block touches
 * @throws Problem not_finite or not_exact, with the place of the first value that is refused
 */
export function reduceBlock(
  view: View,
  layout: Layout,
  reductions: readonly Reduction[],
  looking: ReduceOptions,
): State[] {
  if (reductions.length === 0) return [];
  return withScratch(() => {
    const { from, to } = slicesTouched(layout, view.offset, view.count);
    const slices = to - from;
    const states = reductions.map((reduction) => allocate(reduction.fields.length * slices * 8));
    const stateOf = (at: number, tile: Tile) => states[at] + (tile.slice - from) * 8;
    const empty = () => reductions.forEach((reduction, at) => fillState(reduction, states[at], slices));
    empty();
    const adds = looking.weights ? undefined : addsOf(view, reductions);
    const isAdded = adds && addRaw(view, layout, adds, stateOf, slices * 8);
    if (!isAdded) {
      if (adds) empty();
      addTiles(view, layout, reductions, looking, stateOf, slices * 8);
    }
    return reductions.map((reduction, at) => stateAt(reduction, states[at], from, slices));
  });
}

/** The address of a reduction's state for a tile. */
type StateOf = (at: number, tile: Tile) => number;

/** How elements are added as they came; nothing where one of the reductions takes float64 alone. */
function addsOf({ dtype }: View, reductions: readonly Reduction[]): AddRaw[] | undefined {
  if (dtype !== 'uint8' && dtype !== 'float32') return undefined;
  const adds = reductions.flatMap((reduction) => reduction.addRaw?.[dtype] ?? []);
  return adds.length === reductions.length ? adds : undefined;
}

/** Adds the elements as they lie, in the order of the tiles; false as soon as that does not work. */
function addRaw(view: View, layout: Layout, adds: readonly AddRaw[], stateOf: StateOf, fieldBytes: number): boolean {
  let isAdded = true;
  eachTile(layout, view.offset, view.count, (tile) => {
    const address = view.address + tile.offset * itemSize(view.dtype);
    for (let at = 0; isAdded && at < adds.length; at++) {
      isAdded = adds[at](
        address,
        tile.stride,
        tile.rows,
        tile.columns,
        layout.rowIsSlice,
        stateOf(at, tile),
        fieldBytes,
      );
    }
  });
  return isAdded;
}

function addTiles(
  view: View,
  layout: Layout,
  reductions: readonly Reduction[],
  looking: ReduceOptions,
  stateOf: StateOf,
  fieldBytes: number,
): void {
  const room = allocate(tileCapacity * 8);
  const weights = looking.weights ? allocate(tileCapacity * 8) : 0;
  const scratch = allocate(tileCapacity * 16);
  eachTile(layout, view.offset, view.count, (tile) => {
    // float64 without gaps is a tile where it lies.
    const isTile = view.dtype === 'float64' && tile.stride === tile.columns;
    const x = isTile ? view.address + tile.offset * 8 : room;
    const seen = loadTile(view, tile, x, looking.refuse);
    if (looking.weights) spreadWeights(looking.weights, view.offset, tile, weights);
    const loaded: LoadedTile = {
      x,
      rows: tile.rows,
      columns: tile.columns,
      rowIsSlice: layout.rowIsSlice,
      hasNan: (seen & tileFlags.nan) !== 0,
      weights,
      scratch,
    };
    reductions.forEach((reduction, at) => reduction.add(loaded, stateOf(at, tile), fieldBytes, tile.slice));
  });
}

/** Loads a tile as float64 to `x` and returns what was seen in it. */
export function loadTile(view: View, tile: Tile, x: number, refuse: number): number {
  const address = view.address + tile.offset * itemSize(view.dtype);
  const seen = kernels.load_tile(dtypeNumber(view.dtype), address, tile.stride, tile.rows, tile.columns, x);
  if (seen & refuse) throw refusal(view, tile, x, seen & refuse);
  return seen;
}

/** Where the tile's value number `at` stands in the request. */
export function locateInTile(view: View, tile: Tile, at: number): ReturnType<View['locate']> {
  const inBlock = tile.offset + Math.floor(at / tile.columns) * tile.stride + (at % tile.columns);
  return view.locate(view.offset + inBlock);
}

function fillState(reduction: Reduction, address: number, slices: number): void {
  reduction.empty.forEach((value, at) => fillDoubles(address + at * slices * 8, slices, value));
}

function spreadWeights({ values, sampleLength }: SampleWeights, offset: number, tile: Tile, to: number): void {
  const spread = doublesAt(to, tile.rows * tile.columns);
  for (let row = 0, at = 0; row < tile.rows; row++) {
    const first = offset + tile.offset + row * tile.stride;
    for (let column = 0; column < tile.columns; column++) {
      spread[at++] = values[Math.floor((first + column) / sampleLength)];
    }
  }
}

function refusal(view: View, tile: Tile, x: number, seen: number) {
  if (seen & tileFlags.inexact) {
    return problemAt(
      'not_exact',
      '/data',
      `A 64-bit integer near index ${view.locate(view.offset + tile.offset).index} cannot be represented exactly as a double: send float64, or integers up to 2^53.`,
    );
  }
  const values = doublesAt(x, tile.rows * tile.columns);
  const refusesNan = (seen & tileFlags.nan) !== 0;
  const at = values.findIndex((value) => (refusesNan && Number.isNaN(value)) || Math.abs(value) === Infinity);
  const { index, pointer } = locateInTile(view, tile, at);
  const hint = Number.isNaN(values[at])
    ? ", which nan_policy 'raise' rejects: 'omit' ignores NaN, 'propagate' lets it through."
    : "; only nan_policy 'propagate' accepts an infinity.";
  return problemAt('not_finite', pointer, `The value at index ${index} is ${values[at]}${hint}`);
}
