import { defineTask } from '#pool/task.ts';
import { type BlockHeader, type BlockJob, type BlockResult, runBlock } from './run-block.ts';

/** Blocks of one tensor for one thread. */
export interface BlocksTask {
  header: BlockHeader;
  jobs: BlockJob[];
}

export const blocksTask = defineTask({
  name: 'blocks',
  run: ({ header, jobs }: BlocksTask): BlockResult[] => jobs.map((job) => runBlock(header, job)),
  transfers: ({ jobs }) => jobs.flatMap(({ block, spare }) => (spare ? [block.buffer, spare] : [block.buffer])),
});
