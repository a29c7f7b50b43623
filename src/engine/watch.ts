import type { State } from '#statistics/reduction.ts';
import type { BlockJob } from './run-block.ts';
import type { Effects, FollowUp } from './effects.ts';
import { type Accumulator, createAccumulator } from './fold.ts';

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
