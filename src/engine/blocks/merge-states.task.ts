import { reductionsOf, type Scan } from '#normalizers/scans.ts';
import { mergeStates, type State } from '#statistics/reduction.ts';
import { defineTask } from '#pool/task.ts';

/** Merges the states of several blocks, in block order. */
export const mergeStatesTask = defineTask({
  name: 'merge_states',
  run: ({ scan, states }: { scan: Scan; states: State[][] }): State[] =>
    reductionsOf(scan).map((reduction, i) =>
      mergeStates(
        reduction,
        states.map((ofBlock) => ofBlock[i]),
      ),
    ),
});
