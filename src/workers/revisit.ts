import type { State } from '#statistics/reduction.ts';
import type { Block } from '#tensor/source.ts';
import type { BlockPass } from './apply.ts';
import { workOn } from './batches.ts';
import type { BlockResult, BlockWork } from './block.ts';
import type { Held } from './held.ts';
import type { Runner } from './tasks.ts';

type Look = BlockWork['looks'][number];

/** Looks at all values of one side of a call once more, and gives what it learned block by block, in order. */
export type Revisit = (look: Look) => AsyncGenerator<State[], void>;

/** Looks once more at the inputs, which are held. */
export function inputsAgain(inputs: Held, run: Runner): Revisit {
  return again(
    inputs,
    run,
    (_, look) => ({ looks: [look] }),
    ({ states }) => states[0],
  );
}

/**
 * Looks once more at the outputs: they are computed again from the inputs, which are held. That takes about as long as
 * it takes to read outputs that were kept, and no memory.
 */
export function outputsAgain(
  inputs: Held,
  run: Runner,
  apply: (block: Block) => NonNullable<BlockPass['apply']>,
): Revisit {
  return again(
    inputs,
    run,
    (block, look) => ({
      looks: [],
      apply: { ...apply(block), looks: [look], encoding: { as: 'none', keepRaw: false } },
    }),
    ({ outputStates }) => outputStates[0],
  );
}

function again(
  inputs: Held,
  run: Runner,
  passOf: (block: Block, look: Look) => BlockPass,
  learned: (result: BlockResult) => State[],
): Revisit {
  return async function* (look) {
    const { header, blocks } = inputs;
    let at = 0;
    for await (const { block, result } of workOn(blocks, { header, size: 1, run }, (block) => passOf(block, look))) {
      blocks[at++] = { ...block, buffer: result.buffer };
      yield learned(result);
    }
  };
}
