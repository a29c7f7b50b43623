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

/**
 * Maximum blocks and bytes of a task. Small blocks are batched because a round trip to a thread costs more than they
 * do.
 */
const maxBlocksPerTask = 8;
const maxBytesPerTask = 2 ** 22;

/** Batches are small enough for this many tasks per thread, so that no thread runs dry. */
const minTasksPerThread = 4;

/**
 * The number of blocks in one task.
 * @param output the tensor that blocks are transformed to; undefined if they are only scanned
 * @param width tasks that run at once
 */
export function batchSize(plan: BlockPlan, input: BlockHeader, output: BlockHeader | undefined, width: number): number {
  const bytes = plan.length * Math.max(itemSize(input.dtype), output ? itemSize(output.dtype) : 0);
  const blocks = elementCount(input.shape) / plan.length;
  return Math.max(
    1,
    Math.floor(Math.min(maxBlocksPerTask, maxBytesPerTask / bytes, blocks / (minTasksPerThread * width))),
  );
}

/** Runs blocks in tasks of `size` blocks, and yields the results in order. */
export async function* processBlocks(
  blocks: AsyncIterable<Block> | Iterable<Block>,
  { header, size, run }: { header: BlockHeader; size: number; run: Runner },
  passOf: (block: Block) => BlockPass,
): AsyncGenerator<{ block: Block; result: BlockResult }, void> {
  const batches = size === 1 ? blocks : toBatches(blocks, size);
  const worked = mapInOrder(batches as AsyncIterable<Block | Block[]>, run.width, async (some) => {
    const batch = Array.isArray(some) ? some : [some];
    const jobs = batch.map((block) => jobOf(block, passOf(block)));
    const results = await run(blocksTask, { header, jobs });
    return batch.map((block, at) => ({ block, result: results[at] }));
  });
  for await (const batch of worked) yield* batch;
}

/** What is carried goes to a thread only where it is written. */
function jobOf(block: Block, pass: BlockPass): BlockJob {
  const isWritten = typeof pass.output?.encoding.as === 'object';
  if (!block.carried || isWritten) return withReusedBuffer({ block, ...pass });
  const { carried: _, ...plain } = block;
  return withReusedBuffer({ block: plain, ...pass });
}

/** With memory that was sent before for its output, where that goes as bytes. */
function withReusedBuffer(work: BlockJob): BlockJob {
  const { output, block } = work;
  if (output?.encoding.as !== 'bytes') return work;
  return { ...work, spare: acquireOutputBuffer(block.count * itemSize(output.dtype)) };
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
