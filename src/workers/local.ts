import { runBlock } from './block.ts';
import type { Carrying, Wish } from './carrying.ts';
import { type Runner, runTask } from './tasks.ts';

/** Runs every task where it is asked for. */
export const runHere: Runner = Object.assign((task: Parameters<typeof runTask>[0]) => Promise.resolve(runTask(task)), {
  width: 1,
}) as Runner;

/**
 * Carries work out in this thread and at once: for small calls, which must not pay for what large ones need.
 * @param output takes the encoded output in order; text where a format is text
 */
export function carriedOutHere<Result>(work: Carrying<Result>, output: (piece: Uint8Array | string) => void): Result {
  let step = work.next();
  while (!step.done) {
    let result: unknown;
    try {
      result = doneHere(step.value, output);
    } catch (error) {
      step = work.throw(error);
      continue;
    }
    step = work.next(result);
  }
  return step.value;
}

function doneHere(wish: Wish, output: (piece: Uint8Array | string) => void): unknown {
  if ('task' in wish) return runTask(wish.task as never);
  const { header, blocks, of, took } = wish.pass;
  if (!(Symbol.iterator in blocks)) throw new Error('The blocks of a small call are in memory.');
  for (const block of blocks) {
    const result = runBlock(header, { block, ...of(block) });
    const due = took(block, result);
    if (due) carriedOutHere(due, output);
    if (result.encoded) output(result.encoded);
  }
  return undefined;
}
