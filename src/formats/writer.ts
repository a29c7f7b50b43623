import type { AnswerSummary } from './summary.task.ts';
import type { DescribeOptions, StatisticsOptions } from '#statistics/options.ts';
import type { FloatDtype } from '#tensor/dtype.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { Runner } from '#pool/task.ts';
import type { Encoding } from './encode-block.ts';
import type { TensorForm } from './locate-value.ts';
import type { TableColumns } from './table-columns.ts';

/** What an answer can hold. */
export type AnswerPart = 'data' | 'fitted' | 'statistics';

/** What is known of an answer before its first piece. */
export interface AnswerHeader {
  /** The data of the request. */
  input: TensorHeader;
  outputDtype: FloatDtype;
  /** The output's shape: some methods give other columns than they take. */
  outputShape: number[];
  form: TensorForm;
  /** The output's columns, where the data are a table. */
  columns?: TableColumns;
  /** Whether the answer has the output in it. */
  hasData: boolean;
  /** Whether `statistics` is one object, of the input alone, as `/v1/describe` has it. */
  describesInput: boolean;
}

/**
 * How an answer is written in one format. The writer is handed the pieces of the output, encoded as it asked, and what is known
 * at the end; it does not run the call.
 */
export interface AnswerWriter {
  /** What the format can hold of an answer; what it cannot hold is not computed. */
  holds: readonly AnswerPart[];
  /** How the blocks of the output are encoded. */
  encoding(answer: AnswerHeader): Encoding['as'];
  /** The statistics that the format needs, by those that were asked for. */
  statistics?(asked: StatisticsOptions | false): DescribeOptions;
  /**
   * The whole answer, piece by piece. Nothing is given before the first piece of the output has come: until then an error can
   * still be told to the client.
   */
  write(answer: AnswerHeader, output: OutputPieces, run: Runner): AsyncGenerator<Uint8Array, unknown>;
  /** The whole answer of a small call at once, JSON as text; formats without it write small answers as large ones. */
  writeInline?(answer: AnswerHeader, pieces: Uint8Array<ArrayBuffer>[], summary: AnswerSummary): Uint8Array | string;
  /** Whether the answer says how many samples there are before it gives them. */
  countsFirst?(answer: Pick<AnswerHeader, 'hasData'>): boolean;
  /** The answer's length in bytes, where it is known beforehand. */
  length?(answer: AnswerHeader): number;
}

/** The encoded output in order, and what is known at its end. */
export type OutputPieces = AsyncGenerator<Uint8Array<ArrayBuffer>, AnswerSummary>;

/** Pieces behind what opens them. An error before the first piece comes before the opening. */
export async function* prepend<Piece extends Uint8Array, Rest>(
  opening: Uint8Array,
  pieces: AsyncGenerator<Piece, Rest>,
): AsyncGenerator<Uint8Array | Piece, Rest> {
  let step = await pieces.next();
  yield opening;
  for (; !step.done; step = await pieces.next()) yield step.value;
  return step.value;
}

/** Runs pieces that nobody needs, for what is known at their end. */
export async function drain<Rest>(pieces: AsyncGenerator<unknown, Rest>): Promise<Rest> {
  let step = await pieces.next();
  while (!step.done) step = await pieces.next();
  return step.value;
}
