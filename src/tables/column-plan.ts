import { listNames } from '#nearest-name.ts';
import type { TableSchema } from './schema.ts';

/** Which columns of a table are read as numbers and which are carried along; what is in neither list is not read. */
export interface ColumnPlan {
  /** The columns of the table that are the columns of the tensor, in the tensor's order. */
  numbers: readonly number[];
  /** The columns of the table that pass through unchanged, in its order. */
  carried: readonly number[];
  /** The columns of an answer that is a table again, in the order of the table that came. */
  answer: readonly AnswerColumn[];
}

export interface AnswerColumn {
  name: string;
  from: 'numbers' | 'carried';
  /** Its place in that list of the plan. */
  at: number;
}

/** Something to tell of the columns of a table. */
export interface ColumnWarning {
  code: 'passed_through' | 'unknown_columns' | 'names_not_checked';
  message: string;
  count?: number;
  columns?: string[];
}

export function planColumns(
  schema: TableSchema,
  numbers: readonly number[],
  isCarried: (column: number) => boolean,
): ColumnPlan {
  const places = new Map(numbers.map((column, at) => [column, at]));
  const carried: number[] = [];
  const answer: AnswerColumn[] = [];
  schema.forEach(({ name }, column) => {
    const at = places.get(column);
    if (at !== undefined) answer.push({ name, from: 'numbers', at });
    else if (isCarried(column)) answer.push({ name, from: 'carried', at: carried.push(column) - 1 });
  });
  return { numbers, carried, answer };
}

/** The plan of a call whose answer has no columns, such as a fit: nothing is carried. */
export function withoutCarried({ numbers, answer }: ColumnPlan): ColumnPlan {
  return { numbers, carried: [], answer: answer.filter(({ from }) => from === 'numbers') };
}

/** Columns without numbers, and index columns. */
export function passedThrough(names: readonly string[]): ColumnWarning[] {
  if (names.length === 0) return [];
  const what = names.length === 1 ? 'is no column of numbers and passes' : 'are no columns of numbers and pass';
  return [warningOf('passed_through', `${listNames(names)} ${what} through unchanged.`, names)];
}

export function warningOf(code: ColumnWarning['code'], message: string, columns: readonly string[]): ColumnWarning {
  return { code, message, count: columns.length, columns: columns.slice(0, maxNamed) };
}

/** Columns that a warning names. */
const maxNamed = 100;
