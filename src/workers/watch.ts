import type { Looks } from '#normalizers/looks.ts';
import type { State } from '#statistics/reduction.ts';
import type { BlockWork } from './block.ts';
import { foldStates } from './fold.ts';
import type { Runner } from './tasks.ts';

/** Something that learns from the blocks that go by. */
export interface Watch {
  /** What each block is looked at for. */
  looks: BlockWork['looks'];
  /** Takes the states of the next block, one list per look. */
  add(states: State[][]): Promise<void>;
}

/** A watch that merges the states of one look; none of the result where no block went by. */
export function watchFor(
  look: BlockWork['looks'][number],
  run: Runner,
): Watch & { result(): Promise<State[] | undefined> } {
  const fold = foldStates(look.of satisfies Looks, run);
  return { looks: [look], add: ([states]) => fold.add(states), result: () => fold.result() };
}

/** Several watches as one. */
export function together(watches: readonly Watch[]): Watch {
  return {
    looks: watches.flatMap((watch) => watch.looks),
    async add(states) {
      let at = 0;
      for (const watch of watches) {
        await watch.add(states.slice(at, at + watch.looks.length));
        at += watch.looks.length;
      }
    },
  };
}
