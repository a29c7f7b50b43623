import { Problem, problemAt } from '#errors.ts';
import { mapInOrder } from '#pool/map-in-order.ts';
import type { Pool } from '#pool/pool.ts';
import type { ColumnPlan } from '#tables/column-plan.ts';
import type { TableSchema } from '#tables/schema.ts';
import { readBytes } from '#formats/stream/byte-reader.ts';
import { chunkLines } from '#formats/stream/line-chunks.ts';
import type { Body, FormatReader } from '#formats/reader.ts';
import type { TablePiece } from '#formats/table-source.ts';
import { parseRecordsTask } from './parse.task.ts';
import { type RecordLines, typeRecordLines } from './read-lines.ts';

/** Bytes that are parsed where they arrive; more go to a worker. */
const inlineBytes = 2 ** 14;

const newline = 0x0a;

/** A table, one record a line; the first thousand say which columns it has. */
export const readNdjson: FormatReader = async (body, { pool, limit }): Promise<Body> => {
  const pieces = chunkLines(readBytes(body), limit, (bytes) => bytes.lastIndexOf(newline) + 1);
  const first = await pieces.next();
  const schema = first.done ? [] : typeRecordLines(first.value);
  if (first.done || schema.length === 0) throw new Problem('broken_body', 'The NDJSON has no record with a column.');
  return {
    envelope: {},
    table: {
      schema,
      form: 'file',
      warnings: [],
      inMemory: false,
      dtypeOf: () => 'float64',
      carriedType: () => ({ type: { kind: 'json' } }),
      read: (plan) => rowsOf(first.value, pieces, schema, plan, pool),
    },
  };
};

/** Rows that follow each other; a fault is told with its line. */
async function* rowsOf(
  first: Uint8Array<ArrayBuffer>,
  pieces: AsyncGenerator<Uint8Array<ArrayBuffer>, void>,
  schema: TableSchema,
  { numbers, carried }: Pick<ColumnPlan, 'numbers' | 'carried'>,
  pool: Pool,
): AsyncGenerator<TablePiece, void> {
  const parse = async (bytes: Uint8Array<ArrayBuffer>): Promise<RecordLines> => {
    const task = { bytes: bytes.buffer, schema, plan: { numbers, carried } };
    return bytes.length <= inlineBytes ? parseRecordsTask.run(task) : pool.run(parseRecordsTask, task);
  };
  async function* parsed(): AsyncGenerator<RecordLines, void> {
    yield await parse(first);
    yield* mapInOrder(pieces, pool.run.width, parse);
  }
  let rows = 0;
  let lines = 0;
  for await (const piece of parsed()) {
    rows += piece.rows;
    lines += piece.lines;
    if (piece.fault) {
      const { code, pointer, detail } = piece.fault;
      throw problemAt(code, `/data/${rows}${pointer}`, `Line ${lines}: ${detail}`);
    }
    yield { elements: piece.values.buffer, rows: piece.rows, carried: piece.carried };
  }
}
