import type { State } from '#statistics/reduction.ts';
import type { Block } from '#tensor/source.ts';
import type { BlockPass } from './block-passes.ts';
import type { BlockResult, BlockJob } from './run-block.ts';
import { type Effects, type FollowUp, scanBlocks } from './effects.ts';
import type { BufferedTensor } from './buffered-tensor.ts';

type RescanBlock = BlockJob['scans'][number];

/** Looks at all values of one side of a call once more, and hands over what it learned block by block, in order. */
export type Rescan = (look: RescanBlock, take: (states: State[]) => FollowUp) => Effects<void>;

/** Looks once more at the inputs, which are held. */
export function rescanInputs(inputs: BufferedTensor): Rescan {
  return rescan(
    inputs,
    (_, look) => ({ scans: [look] }),
    ({ states }) => states[0],
  );
}

/**
 * Looks once more at the outputs: they are computed again from the inputs, which are held. That takes about as long as
 * it takes to read outputs that were kept, and no memory.
 */
export function rescanOutputs(
  inputs: BufferedTensor,
  apply: (block: Block) => NonNullable<BlockPass['apply']>,
): Rescan {
  return rescan(
    inputs,
    (block, look) => ({
      scans: [],
      apply: { ...apply(block), scans: [look], encoding: { as: 'none', keepRaw: false } },
    }),
    ({ outputStates }) => outputStates[0],
  );
}

function rescan(
  inputs: BufferedTensor,
  passOf: (block: Block, look: RescanBlock) => BlockPass,
  learned: (result: Omit<BlockResult, 'encoded'>) => State[],
): Rescan {
  return (look, take) => {
    const { header, blocks } = inputs;
    let at = 0;
    return scanBlocks({
      header,
      blocks,
      blocksPerTask: 1,
      passFor: (block) => passOf(block, look),
      onBlock(block, result) {
        blocks[at++] = { ...block, buffer: result.buffer };
        return take(learned(result));
      },
    });
  };
}
