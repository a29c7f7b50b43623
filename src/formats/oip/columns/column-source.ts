import type { TableSource } from '#formats/table-source.ts';
import { rowsOfColumnsTask } from '#formats/rows-of-columns.task.ts';
import type { Pool } from '#pool/pool.ts';
import { createTextReader } from '#tables/carried-text.ts';
import { columnKind, tensorDtype, type TableField } from '#tables/field.ts';
import { ownCarried } from '#tensor/carried.ts';
import type { InputColumn } from './input-column.ts';

/** Numbers up to this many are put into rows on the event loop; more in a worker. */
const inlineNumbers = 2 ** 11;

/**
 * The inputs of an inference as a table.
 * @param rows of each of them
 */
export function columnSource(columns: readonly InputColumn[], rows: number, { run }: Pick<Pool, 'run'>): TableSource {
  const fields = columns.map(
    ({ name, column }): TableField => ({ name, type: column.type, isNullable: false, isIndex: false }),
  );
  const dtypeOf = (numbers: readonly number[]) => tensorDtype(numbers.map((at) => fields[at]));
  return {
    schema: fields.map((field, at) => {
      const kind = columnKind(field);
      const text = kind === 'other' && rows > 0 ? createTextReader(columns[at].column)(0) : null;
      return { name: field.name, kind, first: text === null ? undefined : { row: 0, text } };
    }),
    // Places in an error are told by row and name.
    form: 'records',
    warnings: [],
    inMemory: true,
    rows,
    dtypeOf,
    carriedType: (at) => ({ type: fields[at].type }),
    async *read({ numbers, carried }) {
      const named = numbers.map((at) => ({ name: fields[at].name, column: ownCarried(columns[at].column) }));
      const task = { columns: named, dtype: dtypeOf(numbers), rows };
      const isSmall = rows * numbers.length <= inlineNumbers;
      const elements = await (isSmall ? rowsOfColumnsTask.run(task) : run(rowsOfColumnsTask, task));
      yield { elements, rows, carried: carried.map((at) => columns[at].column) };
    },
  };
}
