import type { Source } from '#tensor/source.ts';
import type { TensorForm } from './locate-value.ts';
import type { TableColumns } from './table-columns.ts';

/** The data of a request. */
export interface TensorInput {
  source: Source;
  form: TensorForm;
  /** The columns of a table, for the answer. */
  columns?: TableColumns;
  /** Whether the data are in memory anyway, so that scanning them again needs no more memory. */
  inMemory: boolean;
}
