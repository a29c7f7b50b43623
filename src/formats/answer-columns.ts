import type { Runner } from '#pool/task.ts';
import { createTextReader } from '#tables/carried-text.ts';
import type { AnswerColumn } from '#tables/column-plan.ts';
import { type CarriedColumn, carriedFromTexts } from '#tensor/carried.ts';
import type { ArrayFloat } from '#tensor/dtype.ts';
import type { WrittenField } from './arrow/table-writer.ts';
import { columnsOfRowsTask } from './columns-of-rows.task.ts';
import type { ParquetWrittenField } from './parquet/arrow-hint.ts';
import { columnCount } from './table-columns.ts';
import type { CarriedField, TableAnswer } from './table-source.ts';
import type { AnswerHeader, RawRows } from './writer.ts';

const bits = { float16: 16, float32: 32, float64: 64 } as const;

/** The columns of an answer, for formats that type them: what is normalized is a float, anything else what it came as. */
export function fieldsOfAnswer({ columns, carried }: TableAnswer, dtype: ArrayFloat): ParquetWrittenField[] {
  return columns.map(({ name, from, at }) =>
    from === 'numbers' ? floatField(name, dtype) : carriedField(name, carried[at]),
  );
}

export function floatField(name: string, dtype: ArrayFloat): WrittenField {
  return { name, type: { kind: 'float', bits: bits[dtype] }, isNullable: false };
}

function carriedField(name: string, { type, values, isNullable = true, arrow }: CarriedField): ParquetWrittenField {
  if (type.kind === 'json') return { name, type: { kind: 'utf8' }, isNullable };
  return { name, type, values, isNullable, arrow };
}

/** Some rows of an answer, column by column. */
export async function columnsOfAnswer(
  columns: readonly AnswerColumn[],
  { elements, carried }: RawRows,
  { outputShape }: Pick<AnswerHeader, 'outputShape'>,
  dtype: ArrayFloat,
  run: Runner,
): Promise<CarriedColumn[]> {
  const numbers = await run(columnsOfRowsTask, { elements: elements.buffer, dtype, width: columnCount(outputShape) });
  return columns.map(({ from, at }) => (from === 'numbers' ? numbers[at] : plainTexts(carried[at])));
}

/** Values of JSON as text: a string is what it says, and null is missing. */
function plainTexts(column: CarriedColumn): CarriedColumn {
  if (column.type.kind !== 'json') return column;
  const read = createTextReader(column);
  const texts = Array.from({ length: column.length }, (_, row) => {
    const text = read(row);
    if (text === null || text === 'null') return null;
    return text.startsWith('"') ? (JSON.parse(text) as string) : text;
  });
  return carriedFromTexts(texts);
}
