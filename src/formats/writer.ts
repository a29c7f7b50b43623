import type { AnswerSummary } from './summary.task.ts';
import type { DescribeOptions, StatisticsOptions } from '#statistics/options.ts';
import type { FloatDtype } from '#tensor/dtype.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { Runner } from '#pool/task.ts';
import type { Encoding } from './encode-block.ts';
import type { TensorForm } from './locate-value.ts';
import type { TableColumns } from './table-columns.ts';
import type { TableForm, TableLayout } from './table-source.ts';
import type { CarriedColumn } from '#tensor/carried.ts';

/** The parts of an answer. */
export type AnswerPart = 'data' | 'fitted' | 'statistics';

/** What is known about an answer before its first piece. */
export interface AnswerHeader {
  /** The data of the request. */
  input: TensorHeader;
  outputDtype: FloatDtype;
  /** The output's shape: some methods give other columns than they take. */
  outputShape: number[];
  form: TensorForm;
  /** The output's columns, where the data are a table. */
  columns?: TableColumns;
  table?: TableLayout;
  /** Whether the answer has the output in it. */
  hasData: boolean;
  /** Whether `statistics` is one object, of the input alone, as in `/v1/describe`. */
  describesInput: boolean;
}

/**
 * Writes answers in one format. A writer gets the pieces of the output, encoded as it requests, and a summary at the
 * end; it does not run the call.
 */
export interface AnswerWriter {
  /** The parts of an answer that the format can hold; the others are not computed. */
  holds: readonly AnswerPart[];
  /** How to encode the blocks of the output. */
  encoding(answer: AnswerHeader): Encoding['as'];
  /** The statistics that the format needs, given the requested ones. */
  statistics?(asked: StatisticsOptions | false): DescribeOptions;
  /**
   * The whole answer, piece by piece. Yields nothing before the first piece of the output has arrived: until then, an
   * error can still become an error response.
   */
  write(answer: AnswerHeader, output: OutputPieces, run: Runner): AsyncGenerator<Uint8Array, unknown>;
  /** Whether the answer to a table of this form is a table again. */
  writesTable?(form: TableForm): boolean;
  /**
   * The whole answer of a table, in place of `write`, in a format that has the columns by themselves: the rows come with the
   * columns that are carried, and `encoding` is not asked. Nothing is given before the first rows have come.
   */
  writeRows?(answer: TableAnswerHeader, rows: AnswerRows, run: Runner): AsyncGenerator<Uint8Array, unknown>;
  /** Whether `writeRows` writes the answer, and not `write`. Default: it does. */
  needsRows?(answer: TableAnswerHeader): boolean;
  /** The whole answer of a small call at once, JSON as text; formats without it write small answers as large ones. */
  writeInline?(answer: AnswerHeader, pieces: Uint8Array<ArrayBuffer>[], summary: AnswerSummary): Uint8Array | string;
  /** Whether the number of samples comes before the data in the answer. */
  countsFirst?(answer: Pick<AnswerHeader, 'hasData'>): boolean;
  /** The answer's length in bytes, if known in advance. */
  length?(answer: AnswerHeader): number;
}

/** An answer that is a table. */
export interface TableAnswerHeader extends AnswerHeader {
  table: TableLayout & { answer: NonNullable<TableLayout['answer']> };
}

/** Some rows of the output. */
export interface RawRows {
  /** The numbers, row-major, of the answer's dtype. */
  elements: Uint8Array<ArrayBuffer>;
  /** The columns that are carried, in memory of their own. */
  carried: readonly CarriedColumn[];
}

/** The rows of the output in order, and what is known at their end. */
export type AnswerRows = AsyncGenerator<RawRows, AnswerSummary>;

/** The encoded output in order, and what is known at its end. */
export type OutputPieces = AsyncGenerator<Uint8Array<ArrayBuffer>, AnswerSummary>;

/** Yields an opening before the first piece. An error of the first piece is thrown before the opening. */
export async function* prepend<Piece extends Uint8Array, Rest>(
  opening: Uint8Array,
  pieces: AsyncGenerator<Piece, Rest>,
): AsyncGenerator<Uint8Array | Piece, Rest> {
  let step = await pieces.next();
  yield opening;
  for (; !step.done; step = await pieces.next()) yield step.value;
  return step.value;
}

/** Discards all pieces, and returns what comes at their end. */
export async function drain<Rest>(pieces: AsyncGenerator<unknown, Rest>): Promise<Rest> {
  let step = await pieces.next();
  while (!step.done) step = await pieces.next();
  return step.value;
}
