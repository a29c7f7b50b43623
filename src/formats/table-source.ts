import type { CarriedColumn, CarriedType } from '#tensor/carried.ts';
import type { ArrayDtype } from '#tensor/dtype.ts';
import type { AnswerColumn, ColumnPlan } from '#tables/column-plan.ts';
import type { TableSchema } from '#tables/schema.ts';
import type { ArrowField } from './arrow/table-schema.ts';
import type { CsvDialect } from './csv/dialect.ts';

/** How a table stands in its request: in one of pandas' two forms, in JSON, or as a body of its own. */
export type TableForm = 'split' | 'records' | 'file';

/** Some rows of a table. */
export interface TablePiece {
  /** The plan's columns of numbers, row-major and little-endian, in memory of their own. */
  elements: ArrayBuffer;
  rows: number;
  /** The plan's columns that are carried, one for each. They may be views on larger memory. */
  carried: CarriedColumn[];
}

/** The type of a column that is carried. */
export interface CarriedField {
  type: CarriedType;
  /** The type of the values, where `type` is `dictionary`. */
  values?: CarriedType;
  /** Whether values may be missing; they may where nothing is said. */
  isNullable?: boolean;
  /** What Arrow knew a column of a Parquet file as. */
  arrow?: ArrowField;
}

/** Something that a reader found and tells. */
export interface TableWarning {
  code: string;
  message: string;
}

/** A table whose columns are known and whose rows are still to come: the call decides which of them are read, and how. */
export interface TableSource {
  schema: TableSchema;
  form: TableForm;
  /** How a CSV is written, for an answer that is written the same way. */
  dialect?: CsvDialect;
  /** The member `index` of the form split, as it was written. */
  index?: string;
  warnings: readonly TableWarning[];
  /** Whether the table is in memory anyway, so that looking at its rows again costs no more of it. */
  inMemory: boolean;
  /** Rows, where they are known before they are read. */
  rows?: number;
  /** The dtype of one tensor of these columns: NumPy's result_type; float64 where values are missing that it has no NaN for. */
  dtypeOf(numbers: readonly number[]): ArrayDtype;
  /** The type that a column is carried with. */
  carriedType(column: number): CarriedField;
  /**
   * The rows, once.
   * @throws Problem for what is wrong with them
   */
  read(plan: Pick<ColumnPlan, 'numbers' | 'carried'>): AsyncIterable<TablePiece>;
}

/** What a call knows of the table that its tensor is made of. */
export interface TableLayout {
  /** What the tensor's columns are called. */
  names: readonly string[];
  form: TableForm;
  /** How an answer that is a table is put together; absent where the answer is none. */
  answer?: TableAnswer;
}

/** The answer as a table. */
export interface TableAnswer {
  /** Its columns, in the order of the table that came. */
  columns: readonly AnswerColumn[];
  /** The columns that are carried. */
  carried: readonly (CarriedField & { name: string })[];
  dialect?: CsvDialect;
  index?: string;
}

/** Whether a table's answer has the columns of the tensor alone, in their order. */
export function isInTensorOrder({ names, answer }: TableLayout): boolean {
  const { columns = [] } = answer ?? {};
  return columns.length === names.length && columns.every(({ from, at }, place) => from === 'numbers' && at === place);
}
