import { bytesAt, kernels, allocate, withScratch } from '#kernels/kernels.ts';
import type { View } from '#kernels/view.ts';
import { tileCapacity } from '#tensor/layout.ts';
import { loadTile } from '#statistics/reduce-block.ts';
import { rankSelector } from './select.ts';
import { type EachView, eachTileOf, type GroupStart, type SliceGroup } from './slice-group.ts';

/** One pass over the views tells buckets apart by as many bits of the key. */
const bucketBits = 16;
const buckets = 2 ** bucketBits;

/** A range of keys: `buckets` times 2^shift of them. */
interface Window {
  low: bigint;
  shift: number;
}

/** Every key there is. */
const everything: Window = { low: -(2n ** 63n), shift: 64 - bucketBits };

/** What one more pass over the views can find out. */
interface Passes {
  /** Keys that `select` can take. */
  capacity: number;
  /** How many values lie in each bucket. */
  count(window: Window): Uint32Array;
  /** The values at increasing ranks among those whose keys lie in `[low, low + width]`. */
  select(low: bigint, width: bigint, ranks: Uint32Array): Float64Array;
}

/**
 * One slice that is too long to gather. Passes over the views count its values in ever narrower windows, until those
 * around the wanted ranks fit into the room; four passes tell any two values apart.
 */
export function narrowingGroup(start: GroupStart, eachView: EachView): SliceGroup {
  const { from, room, roomBytes } = start;
  clearCounts(room);
  return {
    to: from + 1,
    add: (view) => countView(start, everything, view),
    finish(settle) {
      const counts = countsAt(room);
      const count = counts.reduce((sum, one) => sum + one, 0);
      if (count === 0) return;
      const ranks = start.ranks(count);
      const select = rankSelector(start.mostRanks);
      const passes: Passes = {
        capacity: Math.floor(roomBytes / 8),
        count(window) {
          clearCounts(room);
          eachView((view) => countView(start, window, view));
          return countsAt(room);
        },
        select(low, width, wanted) {
          let end = room;
          eachView((view) => {
            eachRun(start, view, (x, length, step) => {
              end = kernels.gather_window(x, length, step, low, width, end);
            });
          });
          return select(room, (end - room) / 8, wanted);
        },
      };
      settle(from, ranks, search(passes, everything, counts, ranks.wanted));
    },
  };
}

/**
 * The values at increasing ranks among those in a window.
 * @param counts how many values lie in each of its buckets
 */
function search(passes: Passes, { low, shift }: Window, counts: Uint32Array, ranks: Uint32Array): Float64Array {
  const keyOf = (bucket: number) => low + (BigInt(bucket) << BigInt(shift));
  const values = new Float64Array(ranks.length);
  let bucket = 0;
  let rank = 0;
  for (let index = 0, beyond = 0; index < ranks.length; index = beyond) {
    while (rank + counts[bucket] <= ranks[index]) rank += counts[bucket++];
    const first = bucket;
    const before = rank;
    // As many buckets as fit, up to that of the last rank; at least one.
    do {
      rank += counts[bucket++];
      while (beyond < ranks.length && ranks[beyond] < rank) beyond++;
    } while (beyond < ranks.length && rank - before + counts[bucket] <= passes.capacity);
    const inside = ranks.subarray(index, beyond).map((one) => one - before);
    if (rank - before <= passes.capacity) {
      values.set(passes.select(keyOf(first), keyOf(bucket) - keyOf(first) - 1n, inside), index);
    } else if (shift > 0) {
      const narrower = { low: keyOf(first), shift: shift - bucketBits };
      values.set(search(passes, narrower, passes.count(narrower), inside), index);
    } else {
      values.fill(kernels.value_of_key(keyOf(first)), index, beyond);
    }
  }
  return values;
}

function clearCounts(room: number): void {
  // One more counter, for what lies outside of the window.
  bytesAt(room, (buckets + 1) * 4).fill(0);
}

function countsAt(room: number): Uint32Array {
  return new Uint32Array(kernels.memory.buffer, room, buckets).slice();
}

function countView(start: GroupStart, { low, shift }: Window, view: View): void {
  eachRun(start, view, (x, length, step) => kernels.count_keys(x, length, step, low, shift, start.room));
}

/** Loads what a view holds of the slice: addresses of float64 values, how many, and the bytes from one to the next. */
function eachRun(start: GroupStart, view: View, visit: (x: number, length: number, step: number) => void): void {
  const { rowIsSlice } = start.layout;
  withScratch(() => {
    const loaded = allocate(tileCapacity * 8);
    eachTileOf(start, start.from + 1, view, (tile, first) => {
      loadTile(view, tile, loaded, 0);
      if (rowIsSlice) visit(loaded + first * tile.columns * 8, tile.columns, 8);
      else visit(loaded + first * 8, tile.rows, tile.columns * 8);
    });
  });
}
