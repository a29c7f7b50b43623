import { Problem } from '#errors.ts';
import { bytesAt, kernels } from '#kernels/kernels.ts';
import { widenBfloat16 } from '#tensor/bfloat16.ts';
import { arrayTypes, itemSize } from '#tensor/dtype.ts';
import { unravel } from '#tensor/unravel.ts';
import { columnarBatch } from './arrow/encode-record-batch.ts';
import { heldDtype } from './held-dtype.ts';
import { columnCount } from './table-columns.ts';
import type { AnswerColumn } from '#tables/column-plan.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import { type CsvDialect, plainCsv } from './csv/dialect.ts';
import { writeCsvRows } from './csv/write-rows.ts';
import { type RowStyle, writeJsonRows } from './json/table/write-rows.ts';
import { csvBytes } from './csv/format-rows.ts';
import { flatText, nestedText } from './json/format-tensor.ts';
import type { NumberRange } from './json/write-number-lists.ts';

/** How to encode an output block. */
export interface Encoding {
  /**
   * `none` if the output is not returned, raw bytes, JSON text as nested or flat lists, CSV text, or an Arrow record
   * batch of columns; `finite` is `flat` where an infinity is an error.
   */
  as: 'none' | 'bytes' | 'nested' | 'flat' | 'finite' | 'csv' | 'columns' | RowEncoding;
  /** Whether the raw output is needed once more. */
  keepRaw: boolean;
}

/** The rows of a table: numbers and what is carried beside them, as text. */
export interface RowEncoding {
  style: RowStyle | 'csv';
  columns: readonly AnswerColumn[];
  /** How a CSV is written. */
  dialect?: CsvDialect;
}

export type Floats = Float16Array<ArrayBuffer> | Float32Array<ArrayBuffer> | Float64Array<ArrayBuffer>;

const capitalI = 0x49;

/**
 * Encodes the flat range of a tensor that starts at `offset`. The pieces of consecutive ranges concatenate to the
 * whole.
 * @param numbers the elements of the range, in the kernels' memory
 * @param shape the shape of the whole tensor
 * @param spare memory to reuse for the bytes if its length fits
 */
export function encodeBlock(
  numbers: NumberRange,
  shape: readonly number[],
  offset: number,
  encoding: Encoding,
  spare?: ArrayBuffer,
  carried: readonly CarriedColumn[] = [],
): Uint8Array<ArrayBuffer> | undefined {
  const { address, count, dtype } = numbers;
  if (typeof encoding.as === 'object') return rowsText(numbers, columnCount(shape), carried, encoding.as);
  if (encoding.as === 'none') return undefined;
  if (encoding.as === 'bytes') return copied(bytesAt(address, count * itemSize(dtype)), spare);
  if (encoding.as === 'columns') return columnarBatch(floats(numbers), heldDtype(dtype, 'Arrow'), columnCount(shape));
  if (encoding.as === 'csv') return csvBytes(numbers, offset, columnCount(shape));
  if (encoding.as === 'nested') return nestedText(numbers, shape, offset);
  const text = flatText(numbers, offset);
  // Only the names of infinities have a capital.
  if (encoding.as === 'finite' && Buffer.from(text.buffer).includes(capitalI))
    throw infinite(floats(numbers), shape, offset);
  return text;
}

function rowsText(
  numbers: NumberRange,
  width: number,
  carried: readonly CarriedColumn[],
  { style, columns, dialect = plainCsv }: RowEncoding,
): Uint8Array<ArrayBuffer> {
  const rows = numbers.count / width;
  if (style !== 'csv') return writeJsonRows(flatText(numbers, 0), carried, rows, { columns, width, style });
  return writeCsvRows(csvBytes(numbers, 0, width), carried, rows, { columns, width, dialect });
}

function copied(bytes: Uint8Array, spare: ArrayBuffer | undefined): Uint8Array<ArrayBuffer> {
  // Not slice(), which fills the new memory with zeros first.
  if (spare?.byteLength !== bytes.length) return new Uint8Array(bytes);
  const copy = new Uint8Array(spare);
  copy.set(bytes);
  return copy;
}

function infinite(values: Floats, shape: readonly number[], offset: number): Problem {
  const at = values.findIndex((value) => Math.abs(value) === Infinity);
  const index = unravel(offset + at, shape).join(', ');
  return new Problem(
    'not_finite',
    `The output at [${index}] is ${values[at]}, but JSON has no infinity: ask for binary output.`,
  );
}

function floats({ address, count, dtype }: NumberRange): Floats {
  const { buffer } = kernels.memory;
  if (dtype === 'bfloat16') return widenBfloat16(new Uint16Array(buffer, address, count));
  return new arrayTypes[dtype](buffer, address, count);
}
