import type { Encoding } from '#formats/encode-block.ts';
import { runBlock } from './run-block.ts';
import { callEffects } from './run-call.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { Effects, Effect } from './effects.ts';
import type { AnswerSummary } from '#formats/summary.task.ts';
import type { Runner, TaskKind } from '#pool/task.ts';
import type { Call } from './plan-call.ts';

/** Runs every task in this thread. */
export const inlineRunner: Runner = Object.assign(
  <Task, Result>({ run }: TaskKind<Task, Result>, task: Task) => Promise.resolve(run(task)),
  { width: 1 },
);

/** Carries a call out in this thread and at once: for small calls, which must not pay for what large ones need. */
export function runCallInline(call: Call, input: TensorInput, as: Encoding['as']): InlineOutput {
  const pieces: Uint8Array<ArrayBuffer>[] = [];
  const work = callEffects(call, input, as, { limit: Infinity, width: 1 });
  const summary = runEffectsInline(work, (piece) => pieces.push(piece));
  return { pieces, summary };
}

interface InlineOutput {
  /** The encoded output in order. */
  pieces: Uint8Array<ArrayBuffer>[];
  /** The rest of the answer. */
  summary: AnswerSummary;
}

function runEffectsInline<Result>(work: Effects<Result>, output: (piece: Uint8Array<ArrayBuffer>) => void): Result {
  let step = work.next();
  while (!step.done) {
    let result: unknown;
    try {
      result = performInline(step.value, output);
    } catch (error) {
      step = work.throw(error);
      continue;
    }
    step = work.next(result);
  }
  return step.value;
}

function performInline(wish: Effect, output: (piece: Uint8Array<ArrayBuffer>) => void): unknown {
  if ('kind' in wish) return wish.kind.run(wish.task);
  const { header, blocks, passFor: of, onBlock: took } = wish.pass;
  if (!(Symbol.iterator in blocks)) throw new Error('The blocks of a small call are in memory.');
  for (const block of blocks) {
    const result = runBlock(header, { block, ...of(block) });
    const due = took(block, result);
    if (due) runEffectsInline(due, output);
    if (result.encoded) output(result.encoded);
  }
  return undefined;
}
