import type { Scan } from '#normalizers/scans.ts';
import type { State } from '#statistics/reduction.ts';
import { type Effects, type FollowUp, runTask } from './effects.ts';
import { mergeStatesTask } from './merge-states.task.ts';
import type { BlockJob } from './run-block.ts';

/** States of more numbers are merged as soon as there are two. */
const hugeNumbers = 2 ** 20;

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
export function createAccumulator(scan: Scan): Accumulator {
  let pending: State[][] = [];
  function* merge(): Effects<void> {
    pending = [yield* runTask(mergeStatesTask, { scan, states: pending })];
  }
  return {
    add(states) {
      pending.push(states);
      const each = states.reduce((count, { values }) => count + values.length, 0);
      const enough = each > hugeNumbers ? 2 : pending.length * each > mostNumbers ? fewest : most;
      const isDue = pending.length >= enough;
      return isDue ? merge() : undefined;
    },
    finish: () => (pending.length > 1 ? merge() : undefined),
    result: () => pending[0],
  };
}

/** Something that learns from the blocks that go by. */
export interface ScanAccumulator {
  /** What each block is looked at for. */
  scans: BlockJob['scans'];
  /** What each look learns, once `merged`. */
  accumulators: readonly Accumulator[];
}

/** A watch of one look. */
export function accumulatorFor(look: BlockJob['scans'][number]): ScanAccumulator {
  return { scans: [look], accumulators: [createAccumulator(look.of)] };
}

/** Takes the states of the next block, one list for each look of the watches. */
export function addStates(accumulators: readonly Accumulator[], states: readonly State[][]): FollowUp {
  let due: Effects<void>[] | undefined;
  for (let at = 0; at < accumulators.length; at++) {
    const merging = accumulators[at].add(states[at]);
    if (merging) (due ??= []).push(merging);
  }
  return due && runInSequence(due);
}

/** Merges what is left to be merged. */
export function* mergePending(accumulators: readonly Accumulator[]): Effects<void> {
  for (const accumulator of accumulators) {
    const merging = accumulator.finish();
    if (merging) yield* merging;
  }
}

export function* runInSequence(works: readonly Effects<void>[]): Effects<void> {
  for (const work of works) yield* work;
}
