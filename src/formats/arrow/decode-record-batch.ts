import { Problem, quote } from '#errors.ts';
import { type Dtype, itemSize } from '#tensor/dtype.ts';
import type { FlatTable } from './flatbuffer-reader.ts';
import { broken, checked } from './decode-message.ts';
import { type ArrowSchema } from './decode-schema.ts';

/** Where the values of a record batch are in its body. */
export interface ArrowBatch {
  rows: number;
  /** The offset of each column's values. */
  offsets: number[];
}

/** The fields of Message.fbs. */
const batchFields = { length: 0, nodes: 1, buffers: 2, compression: 3 } as const;

/** A FieldNode is a length and a null count, a Buffer an offset and a length. */
const words = 2;

/** Bytes of `count` values of a column. */
export function valueBytes(dtype: Dtype, count: number): number {
  return dtype === 'bool' ? Math.ceil(count / 8) : count * itemSize(dtype);
}

/** Values per column in one row. */
export function valuesPerRow({ listShape = [] }: ArrowSchema): number {
  return listShape.reduce((product, length) => product * length, 1);
}

/**
 * Reads the metadata of a record batch. Lengths and offsets are checked against each other and against the body: all
 * columns together cannot be longer than the body.
 * @throws Problem broken_body; invalid_data, by the column's name, for nulls
 */
export function readBatch(header: FlatTable, schema: ArrowSchema, bodyLength: number): ArrowBatch {
  return checked(() => {
    if (header.has(batchFields.compression)) {
      throw new Problem(
        'invalid_data',
        'The Arrow stream has compressed buffers; send it uncompressed, or use Content-Encoding.',
      );
    }
    const rows = header.int64(batchFields.length);
    const nodes = header.structs(batchFields.nodes, words);
    const buffers = header.structs(batchFields.buffers, words);
    const levels = schema.listShape?.length ?? 0;
    const columns = schema.names.length;
    // Each column has a node and two buffers, validity bitmap and values; each level of lists a node and a bitmap.
    if (nodes.length !== words * (columns + levels) || buffers.length !== words * (2 * columns + levels)) {
      throw broken('a record batch does not match the columns of the schema');
    }
    checkNodes(nodes, rows, schema);
    const offsets = schema.dtypes.map((_, column) => buffers[words * (2 * column + 1 + levels)]);
    const perRow = valuesPerRow(schema);
    let needed = 0;
    offsets.forEach((offset, column) => {
      const length = buffers[words * (2 * column + 1 + levels) + 1];
      const bytes = valueBytes(schema.dtypes[column], rows * perRow);
      needed += bytes;
      if (!(offset >= 0 && length >= bytes && offset + length <= bodyLength)) {
        throw broken(`column ${quote(schema.names[column])} does not have the ${rows} rows of its record batch`);
      }
    });
    if (needed > bodyLength) throw broken('columns of a record batch overlap');
    return { rows, offsets };
  });
}

function checkNodes(nodes: Float64Array, rows: number, { names, listShape = [] }: ArrowSchema): void {
  if (!(rows >= 0 && Number.isSafeInteger(rows))) throw broken(`a record batch declares ${rows} rows`);
  let expected = rows;
  for (let at = 0; at < nodes.length; at += words) {
    const [length, nulls] = [nodes[at], nodes[at + 1]];
    const name = names[listShape.length > 0 ? 0 : at / words];
    if (length !== expected) throw broken(`column ${quote(name)} has ${length} values where ${expected} are expected`);
    if (nulls !== 0) {
      throw new Problem(
        'invalid_data',
        `Column ${quote(name)} has ${nulls} nulls; numbers are read, and NaN for what is missing.`,
      );
    }
    expected *= listShape[at / words] ?? 1;
  }
}
