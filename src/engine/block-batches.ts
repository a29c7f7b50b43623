import type { BlockPlan } from '#tensor/blocks.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elements } from '#tensor/shape.ts';
import type { Block } from '#tensor/source.ts';
import { sentBuffer } from '#memory/output-buffers.ts';
import type { BlockPass } from './block-passes.ts';
import type { BlockHeader, BlockWork } from './run-block.ts';
import { inOrder } from '#pool/map-in-order.ts';
import type { Runner, Tasks } from '#worker/tasks.ts';

type Worked = Tasks['blocks']['result'][number];

/** Blocks that one task has at most, and bytes of their elements: small ones do not repay the way to a thread. */
const mostTogether = 8;
const mostBytes = 2 ** 22;

/** Batches that each of the tasks under way should have to come, so that no thread is left without. */
const leastBatches = 4;

/**
 * Blocks that are handed to a thread as one task: a few of many, where their results are no larger than their outputs.
 * @param output what comes back of each block, if anything does
 */
export function batchSize(plan: BlockPlan, input: BlockHeader, output: BlockHeader | undefined, width: number): number {
  const bytes = plan.length * Math.max(itemSize(input.dtype), output ? itemSize(output.dtype) : 0);
  const blocks = elements(input.shape) / plan.length;
  return Math.max(1, Math.floor(Math.min(mostTogether, mostBytes / bytes, blocks / (leastBatches * width))));
}

/** Has blocks worked on, `size` of them a task, and gives the results in order. */
export async function* workOn(
  blocks: AsyncIterable<Block> | Iterable<Block>,
  { header, size, run }: { header: BlockHeader; size: number; run: Runner },
  passOf: (block: Block) => BlockPass,
): AsyncGenerator<{ block: Block; result: Worked }, void> {
  const batches = size === 1 ? blocks : batched(blocks, size);
  const worked = inOrder(batches as AsyncIterable<Block | Block[]>, run.width, async (some) => {
    const batch = Array.isArray(some) ? some : [some];
    const work = batch.map((block) => withSpare({ block, ...passOf(block) }));
    const results = await run({ kind: 'blocks', header, work });
    return batch.map((block, at) => ({ block, result: results[at] }));
  });
  for await (const batch of worked) yield* batch;
}

/** With memory that was sent before for its output, where that goes as bytes. */
function withSpare(work: BlockWork): BlockWork {
  const { apply, block } = work;
  if (apply?.encoding.as !== 'bytes') return work;
  return { ...work, spare: sentBuffer(block.count * itemSize(apply.dtype)) };
}

async function* batched(blocks: AsyncIterable<Block> | Iterable<Block>, size: number): AsyncGenerator<Block[], void> {
  let batch: Block[] = [];
  for await (const block of blocks) {
    batch.push(block);
    if (batch.length < size) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}
