import type { TensorInput } from '#engine/run-call.ts';
import type { Runner } from '#worker/tasks.ts';
import type { Call } from '#engine/plan-call.ts';

/** How the answer of a call is written in one format. */
export interface AnswerWriter {
  /** What the format can hold of an answer; what it cannot hold is not computed. */
  holds: Call['include'];
  /**
   * The whole answer, piece by piece while it comes. An error before the first piece can still be told to the client.
   * @param limit bytes of data that may be held in memory
   */
  write(call: Call, input: TensorInput, run: Runner, limit: number): AsyncGenerator<Uint8Array, void>;
  /** The whole answer of a small call, made at once, JSON as text; other formats are written as large ones are. */
  atOnce?(call: Call, input: TensorInput): Uint8Array | string;
  /** Whether the answer says how many samples there are before it gives them. */
  countsFirst?(call: Call): boolean;
  /** The answer's length in bytes, where it is known beforehand. */
  length?(call: Call, input: TensorInput): number;
}

/** Whether the answer has the transformed data in it. */
export function returnsData({ include, operation }: Call): boolean {
  return include.includes('data') && operation !== 'fit' && operation !== 'describe';
}
