import { kernels, allocate, tileFlags, withScratch } from '#kernels/kernels.ts';
import type { View } from '#kernels/view.ts';
import { tileCapacity } from '#tensor/layout.ts';
import { loadTile } from '#statistics/reduce-block.ts';
import { rankSelector } from './select.ts';
import { eachTileOf, type GroupStart, type Scratch, type SliceGroup } from './slice-group.ts';

/** Bytes a gathered slice takes in the room: its values, and the address where they end. */
export function gatheredBytes(sliceLength: number): number {
  return sliceLength * 8 + 4;
}

/** Slices `[from, to)` in the kernels' memory, each in a run of its own, as keys in the order of the data. */
export interface Runs {
  to: number;
  add(view: View): void;
  /** Visits every slice, once all views were added; `count` leaves out NaN. */
  each(visit: (slice: number, at: number, count: number) => void): void;
}

export function gatherRuns(start: Scratch): Runs {
  const { layout, from, room, roomBytes } = start;
  const runBytes = layout.sliceLength * 8;
  const to = Math.min(from + Math.floor(roomBytes / gatheredBytes(layout.sliceLength)), layout.slices);
  const endsAt = room + (to - from) * runBytes;
  const ends = () => new Uint32Array(kernels.memory.buffer, endsAt, to - from);
  const empty = ends();
  for (let at = 0; at < empty.length; at++) empty[at] = room + at * runBytes;
  return {
    to,
    add(view) {
      withScratch(() => {
        const x = allocate(tileCapacity * 8);
        eachTileOf(start, to, view, (tile, first, beyond) => {
          const hasNan = (loadTile(view, tile, x, 0) & tileFlags.nan) !== 0;
          const rowBytes = tile.columns * 8;
          const [length, toSlice, toNext] = layout.rowIsSlice ? [tile.columns, rowBytes, 8] : [tile.rows, 8, rowBytes];
          const endAt = endsAt + (tile.slice + first - from) * 4;
          kernels.gather(x + first * toSlice, beyond - first, toSlice, length, toNext, hasNan, endAt);
        });
      });
    },
    each(visit) {
      // A copy: what is visited may reserve memory, which detaches views of it.
      ends()
        .slice()
        .forEach((end, at) => {
          const run = room + at * runBytes;
          visit(from + at, run, (end - run) / 8);
        });
    },
  };
}

/** Slices that are gathered and then searched one by one. */
export function selectingGroup(start: GroupStart): SliceGroup {
  const runs = gatherRuns(start);
  return {
    to: runs.to,
    add: runs.add,
    finish(settle) {
      const select = rankSelector(start.mostRanks);
      runs.each((slice, at, count) => {
        if (count === 0) return;
        const ranks = start.ranks(count);
        settle(slice, ranks, select(at, count, ranks.wanted));
      });
    },
  };
}
