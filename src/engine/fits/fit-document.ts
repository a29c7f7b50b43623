import { drain } from '#formats/writer.ts';
import { Problem } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { writeFittedTask } from '#formats/json/fitted/fitted-document.task.ts';
import { summaryTask } from '#formats/summary.task.ts';
import { runCall } from '#engine/run-call.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { Runner } from '#pool/task.ts';
import type { Call } from '#engine/plan-call.ts';

/** The result of a fit whose document is stored. */
export interface FittedData {
  fitted: Fitted;
  /** The document as JSON. */
  document: Uint8Array;
  /** The other members of the response, `statistics` and `warnings`, as JSON text without braces. */
  rest: string;
}

/**
 * Fits a normalizer to a stream of data, and returns the document separately from the rest of the response.
 * @param limit maximum bytes of data in memory, and of the document
 * @throws Problem
 */
export async function fitDocument(call: Call, input: TensorInput, run: Runner, limit: number): Promise<FittedData> {
  const include = [...new Set([...call.include, 'fitted'] as const)];
  const { fitted, ...rest } = await drain(runCall({ ...call, operation: 'fit', include }, input, 'none', run, limit));
  if (!fitted) throw new Error('A fit gave no document.');
  const [document, text] = await Promise.all([
    run(writeFittedTask, fitted),
    run(summaryTask, { summary: rest, flat: false }),
  ]);
  if (document.length > limit) {
    throw new Problem(
      'body_too_large',
      `The fitted document has ${document.length} bytes; at most ${limit} can be stored (NORMA_BODY_LIMIT). Fit fewer columns at once.`,
    );
  }
  return { fitted, document, rest: text };
}
