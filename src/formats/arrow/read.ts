import { Problem } from '#errors.ts';
import { type ArrowBatch, readBatch, valueBytes, valuesPerRow } from './decode-record-batch.ts';
import { broken } from './decode-message.ts';
import type { ColumnarRows } from './columns-to-rows.ts';
import { type ArrowSchema, readSchema } from './decode-schema.ts';
import { mapInOrder } from '#pool/map-in-order.ts';
import type { Runner } from '#pool/task.ts';
import { columnsToRowsTask } from './columns-to-rows.task.ts';
import { type ByteReader, readBytes } from '#formats/stream/byte-reader.ts';
import { nextMessage, readExactly, skip } from './read-message.ts';
import type { FormatReader } from '#formats/reader.ts';
import { readTable } from '#formats/table-body.ts';

/** Target number of values in a piece of a record batch. */
const target = 2 ** 17;

/** The rows of a piece are a multiple of this, because booleans are bits. */
const rowMultiple = 8;

/** Up to this many bytes are converted to rows on the event loop; more go to a worker. */
const inlineBatchBytes = 2 ** 14;

/**
 * Reads numeric columns, or one column of fixed-size lists of numbers. A record batch of several columns is buffered,
 * since a row is complete only with its last column; a single column streams.
 */
export const readArrow: FormatReader = async (body, { pool, limit }) => {
  const reader = readBytes(body);
  const first = await nextMessage(reader);
  if (first?.kind !== 'schema') throw broken('it does not start with a schema');
  const schema = readSchema(first.header);
  await skip(reader, first.bodyLength);
  const { names, dtype, listShape } = schema;
  return readTable({
    dtype,
    sample: listShape ?? [names.length],
    columns: { names, ofLists: listShape !== undefined },
    pieces: toRows(readColumns(reader, schema, limit), schema, pool.run),
  });
};

/** Converts pieces of columns to row-major elements. */
async function* toRows(
  pieces: AsyncGenerator<ColumnarRows, void>,
  { dtypes, dtype }: ArrowSchema,
  run: Runner,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const areRows = dtypes.length === 1 && dtype !== 'bool';
  const buffers = mapInOrder(pieces, run.width, async (columns) => {
    if (areRows) return columns.buffer;
    const task = { columns, dtype };
    const isSmall = columns.buffer.byteLength <= inlineBatchBytes;
    return isSmall ? columnsToRowsTask.run(task) : run(columnsToRowsTask, task);
  });
  for await (const buffer of buffers) yield new Uint8Array(buffer);
}

async function* readColumns(
  reader: ByteReader,
  schema: ArrowSchema,
  limit: number,
): AsyncGenerator<ColumnarRows, void> {
  for (let message = await nextMessage(reader); message; message = await nextMessage(reader)) {
    if (message.kind !== 'batch') throw broken(`its schema is followed by a ${message.kind} message`);
    const batch = readBatch(message.header, schema, message.bodyLength);
    if (schema.names.length === 1) yield* readSingleColumn(reader, batch, schema, message.bodyLength);
    else yield* readColumnRanges(await readBatchBody(reader, message.bodyLength, limit), batch, schema);
  }
}

async function* readSingleColumn(
  reader: ByteReader,
  { rows, offsets: [offset] }: ArrowBatch,
  schema: ArrowSchema,
  bodyLength: number,
): AsyncGenerator<ColumnarRows, void> {
  await skip(reader, offset);
  let read = offset;
  // A single column is row-major already, so pieces need not end with a row.
  for (const [from, to] of ranges(rows * valuesPerRow(schema), 1)) {
    const bytes = await readExactly(reader, valueBytes(schema.dtype, to - from));
    read += bytes.length;
    yield { dtypes: schema.dtypes, rows: to - from, buffer: bytes.buffer };
  }
  await skip(reader, bodyLength - read);
}

function* readColumnRanges(
  body: Uint8Array,
  { rows, offsets }: ArrowBatch,
  { dtypes }: ArrowSchema,
): Generator<ColumnarRows, void> {
  for (const [from, to] of ranges(rows, dtypes.length)) {
    const buffer = new ArrayBuffer(dtypes.reduce((sum, dtype) => sum + valueBytes(dtype, to - from), 0));
    const whole = new Uint8Array(buffer);
    let at = 0;
    dtypes.forEach((dtype, column) => {
      const start = offsets[column] + valueBytes(dtype, from);
      const bytes = body.subarray(start, start + valueBytes(dtype, to - from));
      whole.set(bytes, at);
      at += bytes.length;
    });
    yield { dtypes, rows: to - from, buffer };
  }
}

/** Ranges of rows with about as many values as a piece should have. */
function* ranges(rows: number, perRow: number): Generator<[number, number], void> {
  const step = Math.max(Math.floor(target / perRow / rowMultiple), 1) * rowMultiple;
  for (let from = 0; from < rows; from += step) yield [from, Math.min(from + step, rows)];
}

async function readBatchBody(reader: ByteReader, length: number, limit: number): Promise<Uint8Array> {
  if (length <= limit) return readExactly(reader, length);
  throw new Problem(
    'body_too_large',
    `A record batch has ${length} bytes, but one request may hold ${limit} (NORMA_BODY_LIMIT). Write smaller batches, in pyarrow with write_table(table, max_chunksize=65536).`,
  );
}
