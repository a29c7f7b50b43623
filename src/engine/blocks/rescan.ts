import type { State } from '#statistics/reduction.ts';
import type { Block } from '#tensor/source.ts';
import type { BlockPass } from './block-passes.ts';
import type { BlockResult, BlockJob } from './run-block.ts';
import { type Effects, type FollowUp, scanBlocks } from '#engine/effects.ts';
import type { BufferedTensor } from './buffered-tensor.ts';

type RescanBlock = BlockJob['scans'][number];

/** Rescans the inputs or outputs of a call and passes each block's states to `take`, in block order. */
export type Rescan = (scan: RescanBlock, take: (states: State[]) => FollowUp) => Effects<void>;

/** Rescans the buffered inputs. */
export function rescanInputs(inputs: BufferedTensor): Rescan {
  return rescan(
    inputs,
    (_, scan) => ({ scans: [scan] }),
    ({ states }) => states[0],
  );
}

/**
 * Rescans the outputs by computing them again from the buffered inputs. That takes about as long as reading buffered
 * outputs, and no memory.
 */
export function rescanOutputs(
  inputs: BufferedTensor,
  transform: (block: Block) => Pick<BlockPass, 'job' | 'output'>,
): Rescan {
  return rescan(
    inputs,
    (block, scan) => {
      const { job, output } = transform(block);
      return {
        scans: [],
        job,
        output: output && { ...output, scans: [scan], encoding: { as: 'none', keepRaw: false } },
      };
    },
    ({ outputStates }) => outputStates[0],
  );
}

function rescan(
  inputs: BufferedTensor,
  passOf: (block: Block, scan: RescanBlock) => BlockPass,
  statesOf: (result: Omit<BlockResult, 'encoded'>) => State[],
): Rescan {
  return (scan, take) => {
    const { header, blocks } = inputs;
    let at = 0;
    return scanBlocks({
      header,
      blocks,
      blocksPerTask: 1,
      passFor: (block) => passOf(block, scan),
      onBlock(block, result) {
        blocks[at++] = { ...block, buffer: result.buffer };
        return take(statesOf(result));
      },
    });
  };
}
