import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import type { Tensor } from '#tensor/tensor.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { Pool } from '#pool/pool.ts';
import type { TableSource, TableWarning } from './table-source.ts';

/** A request body: its members except `data`, and the data. */
export interface Body {
  /** The members of the body except `data`; empty if the format has only data. */
  envelope: Record<string, unknown>;
  /** The member `fitted` if it has been parsed already; `envelope` then has null in its place. */
  fitted?: Fitted;
  input?: TensorInput;
  /** The data in place of `input`, where they are a table with names. */
  table?: TableSource;
  /** The same data in memory, when they are few enough to be worked on in one thread. */
  small?: SmallData;
  /** What the reader found and tells of `input`; a table has its own. */
  warnings?: readonly TableWarning[];
  /** Names in the query that the format itself has taken, such as `header` of CSV. */
  consumedQuery?: readonly string[];
  /** Weights that the body has beside the data rather than in its envelope. */
  sampleWeight?: Float64Array;
  groups?: Float64Array;
  /** Labels likewise. */
  labels?: Float64Array;
  folds?: Float64Array;
  /** Whether the body may hold labels and folds that nobody asked for. */
  mayHoldMore?: boolean;
  /**
   * If the data stream and weights may follow them: reads both into memory instead.
   * @throws Problem body_too_large
   */
  readWithWeights?(): Promise<Body>;
}

/** Data in memory, few enough to be worked on in one thread. */
export interface SmallData {
  tensor: Tensor;
  bigEndian: boolean;
  /** Of a table: its columns that are carried along. */
  carried?: readonly CarriedColumn[];
}

export interface ReadContext {
  pool: Pool;
  /** Maximum bytes of the request in memory, decompressed. */
  limit: number;
  /** The length according to Content-Length, or NaN; only a hint. */
  declared: number;
  /** The Content-Type with its parameters. */
  contentType: string;
  /** The name of the file that it is, where one is told. */
  fileName?: string;
  /** What the query says of the format, such as `header` of CSV. */
  options: Readonly<Record<string, string>>;
  /** Has something released when the request has been answered, or has failed. */
  atEnd(release: () => void): void;
}

/**
 * Reads a decompressed body of one format. Data that need not be buffered become a source that reads on demand.
 * @throws Problem for what is wrong with the body; body_too_large before more than the limit is buffered
 */
export type FormatReader = (body: AsyncIterable<Uint8Array>, reading: ReadContext) => Promise<Body>;
