import * as arrow from 'apache-arrow';
import { bytesOf, type Dtype, type Element, itemSize } from '../arrays.ts';

/** Arrow's types, and the arrays that apache-arrow has their values in. */
const types = {
  uint8: [arrow.Uint8, Uint8Array],
  int8: [arrow.Int8, Int8Array],
  uint16: [arrow.Uint16, Uint16Array],
  int16: [arrow.Int16, Int16Array],
  uint32: [arrow.Uint32, Uint32Array],
  int32: [arrow.Int32, Int32Array],
  uint64: [arrow.Uint64, BigUint64Array],
  int64: [arrow.Int64, BigInt64Array],
  float16: [arrow.Float16, Uint16Array],
  float32: [arrow.Float32, Float32Array],
  float64: [arrow.Float64, Float64Array],
} as const;

/** A table of row-major elements as apache-arrow writes it; null for what is not a table of numbers. */
export function arrowStream(dtype: Dtype, shape: readonly number[], elements: readonly Element[]): Buffer | null {
  const [rows, columns] = shape;
  if (dtype === 'bool' || shape.length !== 2 || columns === 0) return null;
  const [Type, Values] = types[dtype];
  const vectors = Array.from({ length: columns }, (_, column) => {
    const own = Array.from({ length: rows }, (_element, row) => elements[row * columns + column]);
    const data = new Values(Uint8Array.from(bytesOf(dtype, own)).buffer);
    return [`c${column}`, arrow.makeVector({ type: new Type(), data, length: rows } as never)] as const;
  });
  return Buffer.from(arrow.tableToIPC(new arrow.Table(Object.fromEntries(vectors)), 'stream'));
}

/** The table that apache-arrow reads in a stream, row-major. */
export function readArrowStream(stream: Uint8Array): { dtype: Dtype; shape: number[]; data: Buffer } {
  const table = arrow.tableFromIPC(stream);
  const [rows, columns] = [table.numRows, table.numCols];
  const dtype = String(table.schema.fields[0].type).toLowerCase() as Dtype;
  const size = itemSize(dtype);
  const data = Buffer.alloc(rows * columns * size);
  for (let column = 0; column < columns; column++) {
    let row = 0;
    for (const { values, length } of table.getChildAt(column)?.data ?? []) {
      const bytes = Buffer.from(values.buffer, values.byteOffset, length * size);
      for (let at = 0; at < length; at++, row++)
        bytes.copy(data, (row * columns + column) * size, at * size, (at + 1) * size);
    }
  }
  return { dtype, shape: [rows, columns], data };
}
