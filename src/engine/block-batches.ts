import type { BlockPlan } from '#tensor/blocks.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import type { Block } from '#tensor/source.ts';
import { acquireOutputBuffer } from '#memory/output-buffers.ts';
import type { BlockPass } from './block-passes.ts';
import type { BlockHeader, BlockJob, BlockResult } from './run-block.ts';
import { mapInOrder } from '#pool/map-in-order.ts';
import type { Runner } from '#pool/task.ts';
import { blocksTask } from './blocks.task.ts';

/** Blocks that one task has at most, and bytes of their elements: small ones do not repay the way to a thread. */
const maxBlocksPerTask = 8;
const maxBytesPerTask = 2 ** 22;

/** Batches that each of the tasks under way should have to come, so that no thread is left without. */
const minTasksPerThread = 4;

/**
 * Blocks that are handed to a thread as one task: a few of many, where their results are no larger than their outputs.
 * @param output what comes back of each block, if anything does
 */
export function batchSize(plan: BlockPlan, input: BlockHeader, output: BlockHeader | undefined, width: number): number {
  const bytes = plan.length * Math.max(itemSize(input.dtype), output ? itemSize(output.dtype) : 0);
  const blocks = elementCount(input.shape) / plan.length;
  return Math.max(
    1,
    Math.floor(Math.min(maxBlocksPerTask, maxBytesPerTask / bytes, blocks / (minTasksPerThread * width))),
  );
}

/** Has blocks worked on, `size` of them a task, and gives the results in order. */
export async function* processBlocks(
  blocks: AsyncIterable<Block> | Iterable<Block>,
  { header, size, run }: { header: BlockHeader; size: number; run: Runner },
  passOf: (block: Block) => BlockPass,
): AsyncGenerator<{ block: Block; result: BlockResult }, void> {
  const batches = size === 1 ? blocks : toBatches(blocks, size);
  const worked = mapInOrder(batches as AsyncIterable<Block | Block[]>, run.width, async (some) => {
    const batch = Array.isArray(some) ? some : [some];
    const jobs = batch.map((block) => withReusedBuffer({ block, ...passOf(block) }));
    const results = await run(blocksTask, { header, jobs });
    return batch.map((block, at) => ({ block, result: results[at] }));
  });
  for await (const batch of worked) yield* batch;
}

/** With memory that was sent before for its output, where that goes as bytes. */
function withReusedBuffer(work: BlockJob): BlockJob {
  const { apply, block } = work;
  if (apply?.encoding.as !== 'bytes') return work;
  return { ...work, spare: acquireOutputBuffer(block.count * itemSize(apply.dtype)) };
}

async function* toBatches(blocks: AsyncIterable<Block> | Iterable<Block>, size: number): AsyncGenerator<Block[], void> {
  let batch: Block[] = [];
  for await (const block of blocks) {
    batch.push(block);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
