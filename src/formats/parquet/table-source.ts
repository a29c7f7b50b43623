import type { ReadContext } from '#formats/reader.ts';
import type { RandomBytes } from '#formats/random-bytes.ts';
import { rowsOfColumnsTask } from '#formats/rows-of-columns.task.ts';
import type { TablePiece, TableSource } from '#formats/table-source.ts';
import { mapInOrder } from '#pool/map-in-order.ts';
import type { Runner } from '#pool/task.ts';
import type { ColumnPlan } from '#tables/column-plan.ts';
import { columnKind, tensorDtype } from '#tables/field.ts';
import { ownCarried } from '#tensor/carried.ts';
import { openParquet, type ParquetRows, type ParquetTableReader } from './table-reader.ts';

/** Numbers up to this many are put into rows on the event loop; more in a worker. */
const inlineNumbers = 2 ** 11;

/** The table in a Parquet file. */
export async function openTable(
  file: RandomBytes,
  { pool, limit }: Pick<ReadContext, 'pool' | 'limit'>,
): Promise<TableSource> {
  const table = await openParquet(file, limit, pool.run);
  const { fields, rows } = table;
  return {
    schema: fields.map((field) => ({ name: field.name, kind: columnKind(field), isIndex: field.isIndex })),
    form: 'file',
    warnings: [],
    inMemory: false,
    rows,
    dtypeOf: (numbers) => tensorDtype(numbers.map((at) => fields[at])),
    carriedType(at) {
      const { type, values, isNullable, arrow } = fields[at];
      return { type, values, isNullable, arrow };
    },
    read: (plan) => readPieces(table, plan, pool.run),
  };
}

async function* readPieces(
  { fields, batches }: ParquetTableReader,
  { numbers, carried }: Pick<ColumnPlan, 'numbers' | 'carried'>,
  run: Runner,
): AsyncGenerator<TablePiece, void> {
  const dtype = tensorDtype(numbers.map((at) => fields[at]));
  async function toPiece({ rows, columns }: ParquetRows): Promise<TablePiece> {
    // Batches are views on pages that others have, too.
    const owned = columns.map(ownCarried);
    const named = numbers.map((place, at) => ({ name: fields[place].name, column: owned[at] }));
    const task = { columns: named, dtype, rows };
    const isSmall = rows * numbers.length <= inlineNumbers;
    const elements = isSmall ? rowsOfColumnsTask.run(task) : run(rowsOfColumnsTask, task);
    return { elements: await elements, rows, carried: owned.slice(numbers.length) };
  }
  yield* mapInOrder(batches([...numbers, ...carried]), run.width, toPiece);
}
