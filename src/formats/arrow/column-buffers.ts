import { Problem } from '#errors.ts';
import { type CarriedColumn, type CarriedType, countMissing, type IntType, isMissing } from '#tensor/carried.ts';
import { readIndexes } from '#tables/numbers.ts';
import { arrayTypes } from '#tensor/dtype.ts';
import { quote } from '#errors.ts';

export interface ColumnBuffers {
  nulls: number;
  buffers: Uint8Array[];
  /** Buffers behind the views, where the type has views. */
  variadicCount?: number;
}

const none = new Uint8Array(0);

const viewBytes = 16;

const maxInlineBytes = 12;

/**
 * The buffers of a column in a record batch.
 * @param type as the schema has it; the column may have wider indexes
 * @throws Problem not_computable for a dictionary with more values than its indexes count
 */
export function columnBuffers(column: CarriedColumn, type: CarriedType, name: string): ColumnBuffers {
  if (type.kind === 'null') return { nulls: column.length, buffers: [] };
  const nulls = countMissing(column);
  const validity = nulls > 0 && column.validity ? column.validity : none;
  if (type.kind === 'dictionary') return { nulls, buffers: [validity, indexBytes(column, type.index, name)] };
  const { offsets, data, length } = column;
  if (!offsets) return { nulls, buffers: [validity, data] };
  const wire = type.kind === 'utf8' || type.kind === 'binary' ? type.wire : undefined;
  if (wire === 'view') return { nulls, buffers: [validity, writeViews(column, offsets), data], variadicCount: 1 };
  const values = data.subarray(0, offsets[length]);
  return { nulls, buffers: [validity, wire === 'large' ? widen(offsets) : bytesOf(offsets), values] };
}

function bytesOf({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function widen(offsets: Int32Array): Uint8Array {
  const words = new Uint32Array(2 * offsets.length);
  for (let at = 0; at < offsets.length; at++) words[2 * at] = offsets[at];
  return bytesOf(words);
}

function writeViews(column: CarriedColumn, offsets: Int32Array): Uint8Array {
  const { data, length } = column;
  const bytes = new Uint8Array(length * viewBytes);
  const views = new DataView(bytes.buffer);
  for (let row = 0; row < length; row++) {
    if (isMissing(column, row)) continue;
    const [at, start, end] = [row * viewBytes, offsets[row], offsets[row + 1]];
    views.setInt32(at, end - start, true);
    bytes.set(
      data.subarray(start, Math.min(end, start + (end - start <= maxInlineBytes ? maxInlineBytes : 4))),
      at + 4,
    );
    if (end - start > maxInlineBytes) views.setInt32(at + 12, start, true); // in buffer 0
  }
  return bytes;
}

function indexBytes(column: CarriedColumn, index: IntType, name: string): Uint8Array {
  const { type, data, length, dictionary } = column;
  if (type.kind !== 'dictionary') throw new TypeError(`A column of ${type.kind} has no indexes.`);
  const isOfType = type.index.bits === index.bits && type.index.signed === index.signed;
  if (isOfType && countMissing(column) === 0) return data;
  const counted = 2 ** (index.bits - Number(index.signed));
  if ((dictionary?.length ?? 0) > counted) {
    throw new Problem(
      'not_computable',
      `Column ${quote(name)} has ${dictionary?.length} categories in one batch, and its ${index.bits}-bit indexes count ${counted}; write it with wider ones.`,
    );
  }
  const known = readIndexes(type, data, length);
  const values = new arrayTypes[`${index.signed ? '' : 'u'}int${index.bits}`](length);
  for (let row = 0; row < length; row++) {
    // pandas has -1 where a category is missing, which polars refuses.
    const value = isMissing(column, row) ? 0 : known[row];
    values[row] = values instanceof BigInt64Array || values instanceof BigUint64Array ? BigInt(value) : value;
  }
  return bytesOf(values);
}
