import type { State } from '#statistics/reduction.ts';
import type { Block } from '#tensor/source.ts';
import type { BlockPass } from './block-passes.ts';
import type { BlockResult, BlockWork } from './run-block.ts';
import { type Carrying, type Due, lookAt } from './effects.ts';
import type { Held } from './buffered-tensor.ts';

type Look = BlockWork['looks'][number];

/** Looks at all values of one side of a call once more, and hands over what it learned block by block, in order. */
export type Revisit = (look: Look, take: (states: State[]) => Due) => Carrying<void>;

/** Looks once more at the inputs, which are held. */
export function inputsAgain(inputs: Held): Revisit {
  return again(
    inputs,
    (_, look) => ({ looks: [look] }),
    ({ states }) => states[0],
  );
}

/**
 * Looks once more at the outputs: they are computed again from the inputs, which are held. That takes about as long as
 * it takes to read outputs that were kept, and no memory.
 */
export function outputsAgain(inputs: Held, apply: (block: Block) => NonNullable<BlockPass['apply']>): Revisit {
  return again(
    inputs,
    (block, look) => ({
      looks: [],
      apply: { ...apply(block), looks: [look], encoding: { as: 'none', keepRaw: false } },
    }),
    ({ outputStates }) => outputStates[0],
  );
}

function again(
  inputs: Held,
  passOf: (block: Block, look: Look) => BlockPass,
  learned: (result: Omit<BlockResult, 'encoded'>) => State[],
): Revisit {
  return (look, take) => {
    const { header, blocks } = inputs;
    let at = 0;
    return lookAt({
      ...{ header, blocks, size: 1, of: (block) => passOf(block, look) },
      took(block, result) {
        blocks[at++] = { ...block, buffer: result.buffer };
        return take(learned(result));
      },
    });
  };
}
