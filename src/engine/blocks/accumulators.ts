import type { Scan } from '#normalizers/scans.ts';
import type { State } from '#statistics/reduction.ts';
import { type Effects, type FollowUp, runTask } from '#engine/effects.ts';
import { mergeStatesTask } from './merge-states.task.ts';
import type { BlockJob } from './run-block.ts';

/** States of more numbers are merged as soon as there are two. */
const hugeNumbers = 2 ** 20;

/** States that are merged at once, fewer where they have more numbers. The order of merging is that of the blocks in any case. */
const [fewest, most, mostNumbers] = [16, 64, 2 ** 16];

export interface Accumulator {
  /** Takes the states of the next block. */
  add(states: State[]): FollowUp;
  /** Merges the states that are still pending. */
  finish(): FollowUp;
  /** The merged states after `finish`; undefined if there were no blocks. */
  result(): State[] | undefined;
}

/** Merges the states of blocks in block order as they arrive. */
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

/** Scans to run on every block, and the accumulators of their states. */
export interface ScanAccumulator {
  /** The scans to run on each block. */
  scans: BlockJob['scans'];
  /** One accumulator per scan, complete after `mergePending`. */
  accumulators: readonly Accumulator[];
}

/** The accumulator of a single scan. */
export function accumulatorFor(scan: BlockJob['scans'][number]): ScanAccumulator {
  return { scans: [scan], accumulators: [createAccumulator(scan.of)] };
}

/** Adds the states of the next block, one list per accumulator. */
export function addStates(accumulators: readonly Accumulator[], states: readonly State[][]): FollowUp {
  let due: Effects<void>[] | undefined;
  for (let at = 0; at < accumulators.length; at++) {
    const merging = accumulators[at].add(states[at]);
    if (merging) (due ??= []).push(merging);
  }
  return due && runInSequence(due);
}

/** Merges the states that are still pending. */
export function* mergePending(accumulators: readonly Accumulator[]): Effects<void> {
  for (const accumulator of accumulators) {
    const merging = accumulator.finish();
    if (merging) yield* merging;
  }
}

export function* runInSequence(works: readonly Effects<void>[]): Effects<void> {
  for (const work of works) yield* work;
}
