import { bytesAt, doublesAt, kernels, allocate, withScratch } from '#kernels/kernels.ts';
import { dtypeNumber } from '#kernels/view.ts';
import { type Dtype, isFloat, itemSize } from '#tensor/dtype.ts';
import type { Layout } from '#tensor/layout.ts';
import { eachTileOf, type GroupStart, type SliceGroup } from './slice-group.ts';

/** 65,536 counters for each of more slices than this leave the cache, and gathering is faster. */
const maxWideTables = 32;

/** Whether counting bit patterns pays off: a slice has more values than patterns. */
export function isCountable(dtype: Dtype, { slices, sliceLength }: Layout): boolean {
  const width = itemSize(dtype);
  return width <= 2 && sliceLength >= patternsOf(dtype) && (width === 1 || slices <= maxWideTables);
}

/** Bit patterns that an element can have. */
function patternsOf(dtype: Dtype): number {
  return 2 ** (8 * itemSize(dtype));
}

/** Slices of which every value is counted in one table per slice, which then tells every order statistic. */
export function countingGroup(start: GroupStart, dtype: Dtype): SliceGroup {
  const { layout, from, room, roomBytes } = start;
  const width = itemSize(dtype);
  const patterns = patternsOf(dtype);
  const tableBytes = patterns * 4;
  const to = Math.min(from + Math.floor(roomBytes / tableBytes), layout.slices);
  bytesAt(room, (to - from) * tableBytes).fill(0);
  return {
    to,
    add(view) {
      eachTileOf(start, to, view, (tile, first, beyond) => {
        const [rows, columns, toSlice] = layout.rowIsSlice
          ? [beyond - first, tile.columns, tile.stride]
          : [tile.rows, beyond - first, 1];
        const address = view.address + (tile.offset + first * toSlice) * width;
        const tables = room + (tile.slice + first - from) * tableBytes;
        kernels.count_patterns(width, address, tile.stride, rows, columns, layout.rowIsSlice, tables);
      });
    },
    finish(settle) {
      const ordered = orderedPatterns(dtype);
      const tables = new Uint32Array(kernels.memory.buffer, room, (to - from) * patterns);
      const values = new Float64Array(start.mostRanks);
      for (let slice = from; slice < to; slice++) {
        const table = tables.subarray((slice - from) * patterns, (slice - from + 1) * patterns);
        let count = 0;
        for (const pattern of ordered.patterns) count += table[pattern];
        if (count === 0) continue;
        const ranks = start.ranks(count);
        valuesAt(ranks.wanted, table, ordered, values);
        settle(slice, ranks, values);
      }
    },
  };
}

/** The patterns of a narrow dtype in the order of their values, NaN left out, and those values. */
interface OrderedPatterns {
  patterns: Uint32Array;
  values: Float64Array;
}

/** Finds the values at increasing ranks from how often each pattern occurs. */
function valuesAt(wanted: Uint32Array, table: Uint32Array, ordered: OrderedPatterns, to: Float64Array): void {
  let at = 0;
  let upTo = table[ordered.patterns[0]];
  for (let index = 0; index < wanted.length; index++) {
    while (upTo <= wanted[index]) upTo += table[ordered.patterns[++at]];
    to[index] = ordered.values[at];
  }
}

function orderedPatterns(dtype: Dtype): OrderedPatterns {
  const all = Uint32Array.from({ length: patternsOf(dtype) }, (_, pattern) => pattern);
  const values = valuesOf(dtype, all);
  // Patterns with the sign bit come first. In sign and magnitude they descend, in two's complement they do not.
  const upper = all.slice(all.length / 2);
  const ordered = isSigned(dtype)
    ? [...(isFloat(dtype) ? upper.reverse() : upper), ...all.slice(0, all.length / 2)]
    : all;
  const patterns = Uint32Array.from(ordered).filter((pattern) => !Number.isNaN(values[pattern]));
  return { patterns, values: Float64Array.from(patterns, (pattern) => values[pattern]) };
}

function isSigned(dtype: Dtype): boolean {
  return isFloat(dtype) || dtype === 'int8' || dtype === 'int16';
}

/** The float64 value of each bit pattern of a narrow dtype. */
function valuesOf(dtype: Dtype, patterns: Uint32Array): Float64Array {
  const count = patterns.length;
  return withScratch(() => {
    const from = allocate(count * 2);
    const to = allocate(count * 8);
    new (itemSize(dtype) === 1 ? Uint8Array : Uint16Array)(kernels.memory.buffer, from, count).set(patterns);
    kernels.load_tile(dtypeNumber(dtype), from, count, 1, count, to);
    return doublesAt(to, count).slice();
  });
}
