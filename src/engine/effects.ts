import type { Block } from '#tensor/source.ts';
import type { BlockPass } from './block-passes.ts';
import { processBlocks } from './block-batches.ts';
import type { BlockHeader, BlockResult } from './run-block.ts';
import type { AnyTaskKind, Runner, TaskKind } from '#pool/task.ts';

/** A look at every block, in their order. */
export interface Pass {
  header: BlockHeader;
  blocks: Iterable<Block> | AsyncIterable<Block>;
  /** Blocks that are handed to a thread as one task. */
  blocksPerTask: number;
  /** What is done with a block. */
  passFor(block: Block): BlockPass;
  /** Takes what came of a block, and its buffer, back; returns work that must be done before the next. */
  onBlock(block: Block, result: Omit<BlockResult, 'encoded'>): FollowUp;
}

/** What work asks for next. */
export type Effect = { kind: AnyTaskKind; task: unknown } | { pass: Pass };

/**
 * Work that says what is to be done next, and goes on with what came of it. Who drives it decides where that is: a large
 * call's tasks go to the pool (`carriedBy`), a small call is carried out at once in one worker (`carriedOutHere`).
 */
export type Effects<Result> = Generator<Effect, Result, unknown>;

/** Work that has come due, if any: mostly there is none, and nothing is made to say so. */
export type FollowUp = Effects<void> | undefined;

/** Has one task done. */
export function* runTask<Task, Result>(kind: TaskKind<Task, Result>, task: Task): Effects<Result> {
  return (yield { kind, task }) as Result;
}

/** Has all blocks looked at. */
export function* scanBlocks(pass: Pass): Effects<void> {
  yield { pass };
}

/** Has each task done by `run`, blocks side by side; gives the encoded output in order while it comes. */
export async function* runOnPool<Result>(
  run: Runner,
  work: Effects<Result>,
): AsyncGenerator<Uint8Array<ArrayBuffer>, Result> {
  let step = work.next();
  while (!step.done) {
    const wish = step.value;
    if ('pass' in wish) {
      yield* runPassOnPool(run, wish.pass);
      step = work.next();
    } else {
      const outcome = await run(wish.kind, wish.task).then(
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
  { header, blocks, blocksPerTask: size, passFor: of, onBlock: took }: Pass,
): AsyncGenerator<Uint8Array<ArrayBuffer>> {
  for await (const { block, result } of processBlocks(blocks, { header, size, run }, of)) {
    const due = took(block, result);
    if (due) yield* runOnPool(run, due);
    if (result.encoded) yield result.encoded;
  }
}
