import type { Block } from '#tensor/source.ts';
import type { BlockPass } from './block-passes.ts';
import { processBlocks } from './block-batches.ts';
import type { BlockHeader, BlockResult } from './run-block.ts';
import type { AnyTaskKind, Runner, TaskKind } from '#pool/task.ts';

/** One pass over all blocks, in order. */
export interface Pass {
  header: BlockHeader;
  blocks: Iterable<Block> | AsyncIterable<Block>;
  /** Blocks per task, where tasks run on the pool. */
  blocksPerTask: number;
  /** What to do with a block. */
  passFor(block: Block): BlockPass;
  /** Called in block order with the result and the buffer of a block; returns work to do before the next call. */
  onBlock(block: Block, result: Omit<BlockResult, 'encoded'>): FollowUp;
}

/** A request of the engine to its driver: run one task, or one pass over blocks. */
export type Effect = { kind: AnyTaskKind; task: unknown } | { pass: Pass };

/**
 * A computation that yields effects and is resumed with their results. The driver decides where they run: `runOnPool`
 * for a large call, `runCallInline` for a small one.
 */
export type Effects<Result> = Generator<Effect, Result, unknown>;

/** Follow-up work, if any. Usually undefined, so the common case allocates nothing. */
export type FollowUp = Effects<void> | undefined;

/** Runs one task and returns its result. */
export function* runTask<Task, Result>(kind: TaskKind<Task, Result>, task: Task): Effects<Result> {
  return (yield { kind, task }) as Result;
}

/** Runs one pass over blocks. */
export function* scanBlocks(pass: Pass): Effects<void> {
  yield { pass };
}

/** Runs a computation on the pool, blocks in parallel; yields the encoded output in order as it arrives. */
export async function* runOnPool<Result>(
  run: Runner,
  work: Effects<Result>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, Result> {
  let step = work.next();
  while (!step.done) {
    const effect = step.value;
    if ('pass' in effect) {
      yield* runPassOnPool(run, effect.pass);
      step = work.next();
    } else {
      const outcome = await run(effect.kind, effect.task).then(
        (result) => ({ result }),
        (error: unknown) => ({ error }),
      );
      step = 'error' in outcome ? work.throw(outcome.error) : work.next(outcome.result);
    }
  }
  return step.value;
}

async function* runPassOnPool(
  run: Runner,
  { header, blocks, blocksPerTask: size, passFor, onBlock }: Pass,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const { block, result } of processBlocks(blocks, { header, size, run }, passFor)) {
    const due = onBlock(block, result);
    if (due) yield* runOnPool(run, due);
    if (result.encoded) yield result.encoded;
  }
}
