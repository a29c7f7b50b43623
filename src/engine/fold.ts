import type { Scan } from '#normalizers/scans.ts';
import type { State } from '#statistics/reduction.ts';
import { runTask, type Effects, type FollowUp } from './effects.ts';

/** States that are merged at once, fewer where they have more numbers. The order of merging is that of the blocks in any case. */
const [fewest, most, mostNumbers] = [16, 64, 2 ** 16];

export interface Accumulator {
  /** Takes the states of the next block. */
  add(states: State[]): FollowUp;
  /** Merges what is left to be merged. */
  finish(): FollowUp;
  /** What came of it when it is finished; none where no block came. */
  result(): State[] | undefined;
}

/** Merges the states of blocks, in the order of the blocks, while they come. */
export function createAccumulator(scans: Scan): Accumulator {
  let pending: State[][] = [];
  function* merge(): Effects<void> {
    pending = [yield* runTask({ kind: 'merge', scans, states: pending })];
  }
  return {
    add(states) {
      pending.push(states);
      const numbers = pending.length * states.reduce((count, { values }) => count + values.length, 0);
      const isDue = pending.length >= (numbers > mostNumbers ? fewest : most);
      return isDue ? merge() : undefined;
    },
    finish: () => (pending.length > 1 ? merge() : undefined),
    result: () => pending[0],
  };
}
