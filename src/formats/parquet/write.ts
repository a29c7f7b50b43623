import { Problem } from '#errors.ts';
import { columnsOfAnswer, fieldsOfAnswer, floatField } from '#formats/answer-columns.ts';
import { heldDtype } from '#formats/held-dtype.ts';
import { columnCount } from '#formats/table-columns.ts';
import type { AnswerHeader, AnswerWriter, RawRows } from '#formats/writer.ts';
import { mapInOrder } from '#pool/map-in-order.ts';
import type { Runner } from '#pool/task.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import { blockTarget } from '#tensor/blocks.ts';
import { formatShape } from '#tensor/shape.ts';
import type { ParquetWrittenField } from './arrow-hint.ts';
import { writeGroupTask } from './write-group.task.ts';

/** The data alone: a table, or an array under the names "0", "1", …. */
export const parquetWriter: AnswerWriter = {
  holds: ['data'],
  writesTable: () => true,
  encoding: () => 'bytes',
  async *write(answer, output, run) {
    const names = namesOf(answer);
    const dtype = heldDtype(answer.outputDtype, 'Parquet');
    const columns = names.map((name, at) => ({ name, from: 'numbers' as const, at }));
    async function* rows(): AsyncGenerator<RawRows, void> {
      for await (const elements of output) yield { elements, carried: [] };
    }
    const fields = names.map((name) => floatField(name, dtype));
    yield* writeFile(fields, rows(), (piece) => columnsOfAnswer(columns, piece, answer, dtype, run), run);
  },
  writeRows(answer, rows, run) {
    const { columns } = answer.table.answer;
    const dtype = heldDtype(answer.outputDtype, 'Parquet');
    const fields = fieldsOfAnswer(answer.table.answer, dtype);
    return writeFile(fields, rows, (piece) => columnsOfAnswer(columns, piece, answer, dtype, run), run);
  },
};

/** Row groups are encoded side by side. Nothing is given before the first rows have come. */
async function* writeFile(
  fields: readonly ParquetWrittenField[],
  rows: AsyncIterable<RawRows>,
  toColumns: (rows: RawRows) => Promise<CarriedColumn[]>,
  run: Runner,
): AsyncGenerator<Uint8Array, void> {
  const { createParquetWriter } = await import('./table-writer.ts');
  const writer = createParquetWriter(fields);
  const groups = mapInOrder(rows, run.width, async (piece) => {
    const columns = await toColumns(piece);
    return run(writeGroupTask, { fields, columns });
  });
  for await (const group of groups) yield writer.append(group);
  yield writer.end();
}

function namesOf({ outputShape: shape, columns, table }: AnswerHeader): readonly string[] {
  const count = columnCount(shape);
  if (shape.length > 2 || shape.length === 0 || count === 0 || count > blockTarget) {
    const detail = `Parquet has rows and columns; an array of shape ${formatShape(shape)} goes as npy or Arrow.`;
    throw new Problem('not_computable', detail);
  }
  const names = columns?.names ?? table?.names ?? [];
  return names.length === count ? names : Array.from({ length: count }, (_, at) => String(at));
}
