import type { State } from '#statistics/reduction.ts';
import type { BlockWork } from './run-block.ts';
import type { Carrying, Due } from './effects.ts';
import { type Fold, foldStates } from './fold.ts';

/** Something that learns from the blocks that go by. */
export interface Watch {
  /** What each block is looked at for. */
  looks: BlockWork['looks'];
  /** What each look learns, once `merged`. */
  folds: readonly Fold[];
}

/** A watch of one look. */
export function watchFor(look: BlockWork['looks'][number]): Watch {
  return { looks: [look], folds: [foldStates(look.of)] };
}

/** Takes the states of the next block, one list for each look of the watches. */
export function addTo(folds: readonly Fold[], states: readonly State[][]): Due {
  let due: Carrying<void>[] | undefined;
  for (let at = 0; at < folds.length; at++) {
    const merging = folds[at].add(states[at]);
    if (merging) (due ??= []).push(merging);
  }
  return due && inTurn(due);
}

/** Merges what is left to be merged. */
export function* merged(folds: readonly Fold[]): Carrying<void> {
  for (const fold of folds) {
    const merging = fold.finish();
    if (merging) yield* merging;
  }
}

export function* inTurn(works: readonly Carrying<void>[]): Carrying<void> {
  for (const work of works) yield* work;
}
