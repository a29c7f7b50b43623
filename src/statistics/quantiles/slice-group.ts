import type { View } from '#kernels/view.ts';
import { eachTile, type Layout, type Tile } from '#tensor/layout.ts';
import type { Ranks } from './ranks.ts';

/** Places one block of the data in the kernels' memory and hands it over, for every block in order. */
export type EachView = (visit: (view: View) => void) => void;

/** Slices `[from, to)` whose quantiles are found in one pass over the views. */
export interface SliceGroup {
  to: number;
  /** Takes what a view holds of the group; the views come in order. */
  add(view: View): void;
  /** Hands over the order statistics of each slice that has values, once all views were added. */
  finish(settle: OnSlice): void;
}

/** @param values the order statistics at `ranks.wanted`; the array is reused */
export type OnSlice = (slice: number, ranks: Ranks, values: Float64Array) => void;

/** Where a group begins, and the kernels' memory that is its own. */
export interface Scratch {
  layout: Layout;
  from: number;
  /** The memory's address and size in bytes. */
  room: number;
  roomBytes: number;
}

/** What a group that finds order statistics has to work with. */
export interface GroupStart extends Scratch {
  ranks: (count: number) => Ranks;
  /** The most ranks that a slice can need. */
  mostRanks: number;
}

/** Calls `visit` with the tiles of a view that touch the slices `[from, to)`, and the part `[first, beyond)` that does. */
export function eachTileOf(
  { layout, from }: Scratch,
  to: number,
  view: View,
  visit: (tile: Tile, first: number, beyond: number) => void,
): void {
  eachTile(layout, view.offset, view.count, (tile) => {
    const first = Math.max(from - tile.slice, 0);
    const beyond = Math.min(to - tile.slice, layout.rowIsSlice ? tile.rows : tile.columns);
    if (first < beyond) visit(tile, first, beyond);
  });
}
