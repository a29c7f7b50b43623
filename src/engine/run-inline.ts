import type { Encoding } from '#formats/encode-block.ts';
import { runBlock } from './blocks/run-block.ts';
import { callEffects } from './call-effects.ts';
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

/** Runs a call synchronously in this thread, for small calls, which must not pay the overhead of large ones. */
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

function performInline(effect: Effect, output: (piece: Uint8Array<ArrayBuffer>) => void): unknown {
  if ('kind' in effect) return effect.kind.run(effect.task);
  const { header, blocks, passFor, onBlock } = effect.pass;
  if (!(Symbol.iterator in blocks)) throw new Error('The blocks of a small call must be in memory.');
  for (const block of blocks) {
    const result = runBlock(header, { block, ...passFor(block) });
    const due = onBlock(block, result);
    if (due) runEffectsInline(due, output);
    if (result.encoded) output(result.encoded);
  }
  return undefined;
}
