import { doublesAt } from '#kernels/kernels.ts';
import { field, type Reduction, type State } from './reduction.ts';

/** Fewer values of a slice show no pattern. */
export const fewestValues = 10;

/** Common placeholders for a missing value. */
const known = new Set([999, 9999, 99999, 999999]);

/** A slice's extreme value that recurs and stands apart from the others: a number that probably means none. */
export interface Sentinel {
  slice: number;
  value: number;
  /** How often it occurs in the block that was looked at. */
  count: number;
}

const fields = ['count', 'low', 'low_count', 'low_next', 'high', 'high_count', 'high_next'] as const;

/** The least and the greatest value of each slice, how often each occurs, and the values next to them. NaN is left out. */
export const ends: Reduction = {
  name: 'ends',
  fields,
  empty: [0, Infinity, 0, Infinity, -Infinity, 0, -Infinity],
  add({ x, rows, columns, rowIsSlice }, state, fieldBytes) {
    const values = doublesAt(x, rows * columns);
    const slices = rowIsSlice ? rows : columns;
    const [count, low, lowCount, lowNext, high, highCount, highNext] = fields.map((_, at) =>
      doublesAt(state + at * fieldBytes, slices),
    );
    for (let at = 0; at < values.length; at++) {
      const value = values[at];
      if (Number.isNaN(value)) continue;
      const slice = rowIsSlice ? Math.floor(at / columns) : at % columns;
      count[slice]++;
      if (value < low[slice]) {
        lowNext[slice] = low[slice];
        low[slice] = value;
        lowCount[slice] = 1;
      } else if (value === low[slice]) lowCount[slice]++;
      else if (value < lowNext[slice]) lowNext[slice] = value;
      if (value > high[slice]) {
        highNext[slice] = high[slice];
        high[slice] = value;
        highCount[slice] = 1;
      } else if (value === high[slice]) highCount[slice]++;
      else if (value > highNext[slice]) highNext[slice] = value;
    }
  },
  merge() {
    throw new Error('The ends are those of one block');
  },
};

/**
 * Finds extreme values that look like a stand-in for a missing one. Zero is none: it abounds in sparse data.
 * @param state of `ends`
 */
export function findSentinels(state: State): Sentinel[] {
  const [count, low, lowCount, lowNext, high, highCount, highNext] = ends.fields.map((name) =>
    field(ends, state, name),
  );
  const found: Sentinel[] = [];
  for (let at = 0; at < state.slices; at++) {
    if (count[at] < fewestValues) continue;
    const slice = state.from + at;
    if (isSentinel(low[at], lowCount[at], count[at], lowNext[at] - low[at], high[at] - lowNext[at])) {
      found.push({ slice, value: low[at], count: lowCount[at] });
    } else if (isSentinel(high[at], highCount[at], count[at], high[at] - highNext[at], highNext[at] - low[at])) {
      found.push({ slice, value: high[at], count: highCount[at] });
    }
  }
  return found;
}

/**
 * @param gap distance to the next value
 * @param spread of the other values
 */
function isSentinel(value: number, count: number, all: number, gap: number, spread: number): boolean {
  if (value === 0 || count < 2 || count > all / 2 || !(spread > 0)) return false;
  if (gap > spread) return true;
  return known.has(Math.abs(value)) && (gap > spread / 4 || (value < 0 && value + gap >= 0));
}
