import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { Tensor } from '#tensor/tensor.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { Pool } from '#pool/pool.ts';

/** A request's body: its members without `data`, and the data. */
export interface Body {
  /** The members that the body holds beside `data`; empty where the format holds data alone. */
  envelope: Record<string, unknown>;
  /** The member `fitted`, where it was read already; `envelope` has null in its place. */
  fitted?: Fitted;
  input?: TensorInput;
  /** The same data in memory, when they are few enough to be worked on in one thread. */
  small?: { tensor: Tensor; bigEndian: boolean };
  /** Names in the query that the format itself has taken, such as `header` of CSV. */
  consumedQuery?: readonly string[];
  /** Weights that the body holds beside the data, not in its envelope. */
  sampleWeight?: Float64Array;
  /**
   * Where the data stream and weights may stand behind them: reads both, instead of the stream.
   * @throws Problem body_too_large
   */
  readWithWeights?(): Promise<Body>;
}

export interface ReadContext {
  pool: Pool;
  /** Bytes that the request may hold in memory, inflated. */
  limit: number;
  /** The length that a header tells, or NaN; only a hint. */
  declared: number;
  /** The Content-Type with its parameters. */
  contentType: string;
  /** What the query says of the format, such as `header` of CSV. */
  options: Readonly<Record<string, string>>;
}

/**
 * Reads the body of one format, its coding undone already. Data that do not have to be held come as a source that reads
 * on while it is asked for blocks.
 * @throws Problem for what is wrong with the body; body_too_large before more than the limit is held
 */
export type FormatReader = (body: AsyncIterable<Uint8Array>, reading: ReadContext) => Promise<Body>;
