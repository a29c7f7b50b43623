import type { Source } from '#tensor/source.ts';
import type { TensorForm } from './locate-value.ts';
import type { TableColumns } from './table-columns.ts';
import type { TableLayout } from './table-source.ts';

/** The data of a request. */
export interface TensorInput {
  source: Source;
  form: TensorForm;
  /** The columns of a table, for the answer. */
  columns?: TableColumns;
  /** The table that the data are the numbers of. */
  table?: TableLayout;
  /** Whether the data are in memory anyway, so that scanning them again costs no more of it. */
  inMemory: boolean;
}
