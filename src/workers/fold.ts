import type { Looks } from '#normalizers/looks.ts';
import type { State } from '#statistics/reduction.ts';
import { ask, type Carrying, type Due } from './carrying.ts';

/** States that are merged at once. The order of merging is that of the blocks, however they are batched. */
const batch = 16;

export interface Fold {
  /** Takes the states of the next block. */
  add(states: State[]): Due;
  /** Merges what is left to be merged. */
  finish(): Due;
  /** What came of it when it is finished; none where no block came. */
  result(): State[] | undefined;
}

/** Merges the states of blocks, in the order of the blocks, while they come. */
export function foldStates(looks: Looks): Fold {
  let pending: State[][] = [];
  function* merge(): Carrying<void> {
    pending = [yield* ask({ kind: 'merge', looks, states: pending })];
  }
  return {
    add(states) {
      pending.push(states);
      return pending.length >= batch ? merge() : undefined;
    },
    finish: () => (pending.length > 1 ? merge() : undefined),
    result: () => pending[0],
  };
}
