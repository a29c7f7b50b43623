import { Problem } from '#errors.ts';
import { flatText } from '#formats/json/format-tensor.ts';
import { withScratch } from '#kernels/kernels.ts';
import { placeElements } from '#kernels/view.ts';
import { defineTask } from '#pool/task.ts';
import { quoteName } from '#nearest-name.ts';
import { createJsonWriter } from '#tables/cell-writers.ts';
import { concatCarried } from '#tables/concat-carried.ts';
import { fromRowMajor } from '#tables/from-row-major.ts';
import { viewAs } from '#tables/typed-arrays.ts';
import { narrowToBfloat16 } from '#tensor/bfloat16.ts';
import { buffersOfCarried, type CarriedColumn, countMissing, fixedWidth } from '#tensor/carried.ts';
import { type ArrayFloat, arrayTypes, type FloatDtype, isFloat } from '#tensor/dtype.ts';
import { datatypes, textDatatype } from '../datatypes.ts';
import type { OutputColumn } from './output-column.ts';

/** An answer's rows, and the columns that it has of them. */
interface EncodeColumns {
  /** Computed numbers, row-major, piece by piece. */
  elements: ArrayBuffer[];
  dtype: ArrayFloat;
  /** Computed numbers in a row. */
  width: number;
  /** The columns that are carried, piece by piece. */
  carried: (readonly CarriedColumn[])[];
  columns: readonly OutputColumn[];
}

/** Bytes, or a JSON list without its brackets, for each column. */
export interface EncodedColumns {
  data: Uint8Array<ArrayBuffer>[];
  /** Finite results that a narrower datatype made infinite. */
  overflows: number;
}

function encodeColumns({ elements, dtype, width, carried, columns }: EncodeColumns): EncodedColumns {
  const numbers = elements.map((piece) => fromRowMajor(piece, dtype, width));
  let overflows = 0;
  const data = columns.map((column) => {
    const { from, at } = column;
    const pieces = from === 'numbers' ? numbers.map((piece) => piece[at]) : carried.map((piece) => piece[at]);
    const values = concatCarried(pieces);
    const wanted = column.datatype === textDatatype ? undefined : datatypes[column.datatype];
    if (values.type.kind !== 'float' || !wanted || !isFloat(wanted)) {
      return column.isBinary ? bytesOf(values, column) : textOf(values, column);
    }
    const narrowed = narrow(viewAs(`float${values.type.bits}`, values.data, values.length), wanted);
    overflows += narrowed.overflows;
    return column.isBinary ? narrowed.bytes : floatText(narrowed.bytes, wanted, column.name);
  });
  return { data, overflows };
}

type Floats = Float16Array | Float32Array | Float64Array;

/** Rounds floats once. */
function narrow(values: Floats, dtype: FloatDtype): { bytes: Uint8Array<ArrayBuffer>; overflows: number } {
  if (dtype === 'bfloat16') {
    const wide = values instanceof Float16Array ? Float32Array.from(values) : values;
    const { halves, overflows } = narrowToBfloat16(wide);
    return { bytes: new Uint8Array(halves.buffer), overflows };
  }
  const rounded = new arrayTypes[dtype](values);
  let overflows = 0;
  for (let at = 0; at < values.length; at++) {
    if (Math.abs(rounded[at]) === Infinity && Math.abs(values[at]) !== Infinity) overflows++;
  }
  return { bytes: new Uint8Array(rounded.buffer), overflows };
}

/** @throws Problem not_finite for an infinity */
function floatText(bytes: Uint8Array<ArrayBuffer>, dtype: FloatDtype, name: string): Uint8Array<ArrayBuffer> {
  const count = bytes.length / (dtype === 'float64' ? 8 : 4);
  const text = withScratch(() =>
    flatText({ address: placeElements({ buffer: bytes.buffer, count }, dtype, false), count, dtype }, 0),
  );
  // Only the names of infinities have a capital.
  if (!Buffer.from(text.buffer).includes('I')) return text;
  const detail = `The output ${quoteName(name)} has an infinity, and JSON has none: ask for binary output.`;
  throw new Problem('not_finite', detail);
}

function textOf(values: CarriedColumn, { name }: OutputColumn): Uint8Array<ArrayBuffer> {
  if (values.type.kind === 'binary') {
    const detail = `The input ${quoteName(name)} has elements that are no UTF-8, and JSON has text alone: ask for binary output.`;
    throw new Problem('invalid_data', detail);
  }
  const { maxBytes, write } = createJsonWriter(values);
  let most = values.length;
  for (let row = 0; row < values.length; row++) most += maxBytes(row);
  const text = new Uint8Array(most);
  let at = 0;
  for (let row = 0; row < values.length; row++) {
    if (row > 0) text[at++] = comma;
    at = write(row, text, at);
  }
  return text.slice(0, at);
}

const [comma] = Buffer.from(',');

function bytesOf(values: CarriedColumn, { name }: OutputColumn): Uint8Array<ArrayBuffer> {
  const { type, length, offsets, data } = values;
  if (countMissing(values) > 0) {
    const detail = `The input ${quoteName(name)} has null, which BYTES have nothing for: ask for JSON.`;
    throw new Problem('invalid_data', detail);
  }
  if (type.kind === 'bool') return Uint8Array.from({ length }, (_, row) => (data[row >> 3] >> (row & 7)) & 1);
  if (!offsets) return data.slice(0, length * (fixedWidth(type) ?? 1));
  const bytes = new Uint8Array(4 * length + offsets[length]);
  const view = new DataView(bytes.buffer);
  for (let row = 0, at = 0; row < length; row++) {
    const size = offsets[row + 1] - offsets[row];
    view.setUint32(at, size, true);
    bytes.set(data.subarray(offsets[row], offsets[row + 1]), at + 4);
    at += 4 + size;
  }
  return bytes;
}

/** Encodes the columns of an answer. */
export const encodeColumnsTask = defineTask({
  name: 'encode_inference_columns',
  run: encodeColumns,
  transfers: ({ elements, carried }) => [...elements, ...carried.flatMap(buffersOfCarried)],
  phase: 'encode',
});
