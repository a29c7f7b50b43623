import type { Source } from '#tensor/source.ts';
import type { TensorForm } from './locate-value.ts';
import type { TableColumns } from './table-columns.ts';

/** The data of a request as they come. */
export interface TensorInput {
  source: Source;
  form: TensorForm;
  /** The columns of a table, for an answer that names them again. */
  columns?: TableColumns;
  /** Whether the data are in memory anyway, so that scanning them again costs no more of it. */
  inMemory: boolean;
}
