import { buffersOfCarried } from '#tensor/carried.ts';
import { defineTask } from '#pool/task.ts';
import { type BlockHeader, type BlockJob, type BlockResult, runBlock } from './run-block.ts';

/** Blocks of one tensor for one thread. */
export interface BlocksTask {
  header: BlockHeader;
  jobs: BlockJob[];
}

function buffersOfJob({ block, spare }: BlockJob): ArrayBufferLike[] {
  const buffers = spare ? [block.buffer, spare] : [block.buffer];
  return block.carried ? [...buffers, ...buffersOfCarried(block.carried)] : buffers;
}

export const blocksTask = defineTask({
  name: 'blocks',
  run: ({ header, jobs }: BlocksTask): BlockResult[] => jobs.map((job) => runBlock(header, job)),
  transfers: ({ jobs }) => jobs.flatMap(buffersOfJob),
});
