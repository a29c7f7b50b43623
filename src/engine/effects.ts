import type { Block } from '#tensor/source.ts';
import type { BlockPass } from './blocks/block-passes.ts';
import { processBlocks } from './blocks/block-batches.ts';
import type { BlockHeader, BlockResult } from './blocks/run-block.ts';
import type { RawRows } from '#formats/writer.ts';
import type { AnyTaskKind, Runner, TaskKind } from '#pool/task.ts';

/** One pass over all blocks, in order. */
export interface Pass {
  header: BlockHeader;
  blocks: Iterable<Block> | AsyncIterable<Block>;
  /** Blocks per task, where tasks run on the pool. */
  blocksPerTask: number;
  /** Whether the output comes as rows with what is carried beside them, and not as the bytes alone. */
  yieldsRows?: boolean;
  /** What is done with a block. */
  passFor(block: Block): BlockPass;
  /** Called in block order with the result and the buffer of a block; returns work to do before the next call. */
  onBlock(block: Block, result: Omit<BlockResult, 'encoded'>): FollowUp;
}

/** The encoded output of a block; with what is carried beside it where the pass asks for that. */
export type OutputPiece = Uint8Array<ArrayBuffer> | RawRows;

/** What work asks for next. */
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

/** Has each task done by `run`, blocks side by side; gives the encoded output in order while it comes. */
export async function* runOnPool<Result>(run: Runner, work: Effects<Result>): AsyncGenerator<OutputPiece, Result> {
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
  { header, blocks, blocksPerTask: size, yieldsRows, passFor: of, onBlock: took }: Pass,
): AsyncGenerator<OutputPiece> {
  for await (const { block, result } of processBlocks(blocks, { header, size, run }, of)) {
    const due = took(block, result);
    if (due) yield* runOnPool(run, due);
    if (!result.encoded) continue;
    yield yieldsRows ? { elements: result.encoded, carried: block.carried ?? [] } : result.encoded;
  }
}
