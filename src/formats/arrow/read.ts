import { Problem, quote } from '#errors.ts';
import { readBytes } from '#formats/stream/byte-reader.ts';
import type { Body, FormatReader, ReadContext } from '#formats/reader.ts';
import { spoolBody } from '#formats/spool-body.ts';
import { readTable } from '#formats/table-body.ts';
import type { TablePiece } from '#formats/table-source.ts';
import { columnKind, tensorDtype } from '#tables/field.ts';
import { elementCount } from '#tensor/shape.ts';
import { sourceOf } from './table/byte-source.ts';
import { openArrowFile } from './file-reader.ts';
import { decodeColumn, streamColumn, type ValuePiece } from './table/stream-column.ts';
import { openArrowStream } from './stream-reader.ts';
import { tableOf } from './table/table-source.ts';
import type { ArrowTableSchema } from './table-schema.ts';

/** A table, or one column of lists of numbers, which is an array. A record batch of several columns is held whole. */
export const readArrow: FormatReader = async (body, reading): Promise<Body> => {
  const source = sourceOf(readBytes(body));
  const { schema, messages } = await openArrowStream(source, reading.limit);
  if (schema.lists) return readLists(schema, streamColumn(source, schema, decodingOf(schema, reading)));
  const table = tableOf(schema, messages, reading);
  if (schema.fields.length > 1 || columnKind(schema.fields[0]) === 'other') return { envelope: {}, table };
  const read: typeof table.read = ({ numbers, carried }) =>
    carried.length > 0
      ? table.read({ numbers, carried })
      : rowsOf(streamColumn(source, schema, decodingOf(schema, reading)));
  return { envelope: {}, table: { ...table, read } };
};

/** The same of an Arrow file, which is Feather of version 2: its end says where its parts are, so it is taken whole. */
export const readArrowFile: FormatReader = async (body, reading): Promise<Body> => {
  const { schema, messages } = await openArrowFile(await spoolBody(body, reading), reading.limit);
  if (schema.lists) return readLists(schema, decodeColumn(messages(), schema, decodingOf(schema, reading)));
  return { envelope: {}, table: tableOf(schema, messages, reading) };
};

function decodingOf({ fields }: ArrowTableSchema, { pool, limit }: ReadContext) {
  return { dtype: tensorDtype(fields), run: pool.run, limit };
}

async function* rowsOf(pieces: AsyncIterable<ValuePiece>): AsyncGenerator<TablePiece, void> {
  for await (const { elements, values } of pieces) yield { elements, rows: values, carried: [] };
}

/** Lists are as long as the first of them where the schema does not say it. */
async function readLists(
  { fields, lists = [] }: ArrowTableSchema,
  values: AsyncGenerator<ValuePiece, void>,
): Promise<Body> {
  const first = await values.next();
  const sample = first.done
    ? lists.map((level) => (level.kind === 'fixed' ? level.length : 0))
    : [...first.value.listShape];
  const [{ name }] = fields;
  if (elementCount(sample) === 0) {
    throw new Problem('invalid_data', `The lists of column ${quote(name)} have no values.`);
  }
  async function* pieces(): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
    if (!first.done) yield new Uint8Array(first.value.elements);
    for await (const { elements } of values) yield new Uint8Array(elements);
  }
  return readTable({ dtype: tensorDtype(fields), sample, columns: { names: [name], ofLists: true }, pieces: pieces() });
}
