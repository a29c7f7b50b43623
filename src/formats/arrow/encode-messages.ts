import { type ArrayFloat, itemSize } from '#tensor/dtype.ts';
import { type Part, writeFlatbuffer } from './flatbuffer-writer.ts';

/** A table to write: named columns, or one column of lists of this shape. */
export interface ArrowTable {
  names: readonly string[];
  dtype: ArrayFloat;
  listShape?: readonly number[];
}

/** MetadataVersion.V5, since Arrow 1.0. */
const version = 4;

const headerTypes = { schema: 1, batch: 3 } as const;
const types = { floatingPoint: 3, fixedSizeList: 16 } as const;
const precisions: Record<ArrayFloat, number> = { float16: 0, float32: 1, float64: 2 };

/** Metadata and buffers start at multiples of this. */
const alignment = 8;

/** The end-of-stream marker. */
export const endOfStream = Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0);

/**
 * The schema message, which starts a stream.
 *
 * Format: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc, and
 * https://github.com/apache/arrow/blob/main/format/Schema.fbs for the order of the fields
 */
export function schemaMessage({ names, dtype, listShape = [] }: ArrowTable): Uint8Array {
  const fields = names.map((name) => fieldOf(name, dtype, listShape));
  return messageBytes(headerTypes.schema, { fields: [undefined, { tables: fields }] }, 0);
}

function fieldOf(name: string, dtype: ArrayFloat, [length, ...inner]: readonly number[]): Part {
  const isList = length !== undefined;
  return {
    fields: [
      { text: name },
      undefined, // not nullable
      { int8: isList ? types.fixedSizeList : types.floatingPoint },
      { fields: [isList ? { int32: length } : { int16: precisions[dtype] }] },
      undefined, // no dictionary
      { tables: isList ? [fieldOf('item', dtype, inner)] : [] },
    ],
  };
}

/** Bytes between the start of one column and the next in the body of a record batch. */
export function columnStride({ dtype, listShape = [] }: Omit<ArrowTable, 'names'>, rows: number): number {
  return aligned(valuesIn(rows, listShape) * itemSize(dtype));
}

/** A record batch message without its body; the body is the columns' values, `columnStride` bytes each. */
export function batchMessage(table: Omit<ArrowTable, 'names'>, columns: number, rows: number): Uint8Array {
  const { dtype, listShape = [] } = table;
  const stride = columnStride(table, rows);
  const bytes = valuesIn(rows, listShape) * itemSize(dtype);
  const nodes: number[] = [];
  const buffers: number[] = [];
  for (let column = 0; column < columns; column++) {
    const start = column * stride;
    for (let level = 0; level <= listShape.length; level++) {
      nodes.push(valuesIn(rows, listShape.slice(0, level)), 0);
      buffers.push(start, 0); // no validity bitmap: nothing is null
    }
    buffers.push(start, bytes);
  }
  const header: Part = { fields: [{ int64: rows }, { structs: nodes, words: 2 }, { structs: buffers, words: 2 }] };
  return messageBytes(headerTypes.batch, header, columns * stride);
}

function valuesIn(rows: number, listShape: readonly number[]): number {
  return listShape.reduce((product, length) => product * length, rows);
}

export function messageBytes(headerType: number, header: Part, bodyLength: number): Uint8Array {
  const fields = [{ int16: version }, { int8: headerType }, header, { int64: bodyLength }];
  const metadata = writeFlatbuffer({ fields });
  const whole = new Uint8Array(aligned(8 + metadata.length));
  const view = new DataView(whole.buffer);
  view.setUint32(0, 0xffffffff, true);
  view.setUint32(4, whole.length - 8, true);
  whole.set(metadata, 8);
  return whole;
}

function aligned(bytes: number): number {
  return Math.ceil(bytes / alignment) * alignment;
}
