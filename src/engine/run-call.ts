import type { Encoding } from '#formats/encode-block.ts';
import type { AnswerSummary } from '#formats/summary.task.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { AnswerRows, OutputPieces } from '#formats/writer.ts';
import type { Runner } from '#pool/task.ts';
import { callEffects } from './call-effects.ts';
import { type OutputPiece, runOnPool } from './effects.ts';
import type { Call } from './plan-call.ts';
import { withSampleCount } from './unsized-source.ts';

/**
 * Runs a call on the pool: one pass over the blocks if that is enough, two if fitting needs all of them first. Yields
 * the encoded output in order as it arrives, and returns the rest of the answer.
 * @param limit maximum bytes of data in memory
 * @throws Problem, before the first output if there are two passes
 */
export function runCall(
  call: Call,
  input: TensorInput,
  encoding: Encoding['as'],
  run: Runner,
  limit: number,
): OutputPieces {
  // Without rows, pieces are bytes.
  return callPieces(call, input, encoding, run, limit) as OutputPieces;
}

/** The same of a table: its rows, as numbers in bytes, with the columns that are carried. */
export function runTableCall(call: Call, input: TensorInput, run: Runner, limit: number): AnswerRows {
  return callPieces(call, input, 'rows', run, limit) as AnswerRows;
}

async function* callPieces(
  call: Call,
  input: TensorInput,
  encoding: Encoding['as'] | 'rows',
  run: Runner,
  limit: number,
): AsyncGenerator<OutputPiece, AnswerSummary> {
  const counted = await withSampleCount(call, input, limit);
  return yield* runOnPool(run, callEffects(call, counted, encoding, { limit, width: run.width }));
}
