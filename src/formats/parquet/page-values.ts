import { Problem } from '#errors.ts';
import type { CarriedColumn } from '#tensor/carried.ts';
import { readDeltaIntegers, readDeltaLengthTexts, readDeltaTexts } from './delta.ts';
import { decodeHybrid } from './hybrid.ts';
import { physicalBytes, toCarriedLayout } from './physical.ts';
import type { ParquetField } from './footer.ts';

/**
 * The values of a page, nulls left out, as a column.
 *
 * Format: https://parquet.apache.org/docs/file-format/data-pages/encodings/
 * @param limit bytes that they may take
 * @throws Problem body_too_large; Error where the page is not what it says
 */
export function readValues(
  bytes: Uint8Array,
  encoding: string | undefined,
  field: ParquetField,
  count: number,
  dictionary: CarriedColumn | undefined,
  limit: number,
): CarriedColumn {
  if (encoding === 'RLE_DICTIONARY' || encoding === 'PLAIN_DICTIONARY') {
    if (!dictionary) throw new RangeError('a page needs a dictionary, and there is none');
    const indexes = new Int32Array(count);
    if (count > 0) decodeHybrid(bytes.subarray(1), bytes[0], indexes);
    return gather(dictionary, indexes, limit);
  }
  if (count === 0) return toCarriedLayout(field, new Uint8Array(0), 0);
  const { type } = field.element;
  if (encoding === 'PLAIN') return readPlain(bytes, field, count);
  if (encoding === 'RLE' && type === 'BOOLEAN') {
    const booleans = new Uint8Array(count);
    decodeHybrid(bytes.subarray(4), 1, booleans);
    return { type: field.type, length: count, data: packBits(booleans) };
  }
  if (encoding === 'BYTE_STREAM_SPLIT') {
    return toCarriedLayout(field, joinStreams(bytes, physicalBytes(field.element), count), count);
  }
  if (encoding === 'DELTA_BINARY_PACKED' && (type === 'INT32' || type === 'INT64')) {
    return toCarriedLayout(field, readDeltaIntegers(bytes, type, count), count);
  }
  if (encoding === 'DELTA_LENGTH_BYTE_ARRAY' && type === 'BYTE_ARRAY') {
    const { offsets, data } = readDeltaLengthTexts(bytes, count);
    return fromTexts(field, offsets, data);
  }
  if (encoding === 'DELTA_BYTE_ARRAY' && (type === 'BYTE_ARRAY' || type === 'FIXED_LEN_BYTE_ARRAY')) {
    const { offsets, data } = readDeltaTexts(bytes, count, limit);
    if (type === 'BYTE_ARRAY') return fromTexts(field, offsets, data);
    if (data.length !== physicalBytes(field.element) * count) throw new RangeError('a value has another length');
    return toCarriedLayout(field, data, count);
  }
  throw new Problem(
    'invalid_data',
    `Column ${JSON.stringify(field.name)} is encoded ${encoding === undefined ? 'in a way that no version of Parquet has' : `as ${encoding}, which is not read`}.`,
  );
}

/** Values as they stand, one after the other. */
export function readPlain(bytes: Uint8Array, field: ParquetField, count: number): CarriedColumn {
  const { type } = field.element;
  if (type === 'BOOLEAN') {
    const size = Math.ceil(count / 8);
    if (size > bytes.length) throw new RangeError('a page ends early');
    return { type: field.type, length: count, data: bytes.subarray(0, size) };
  }
  if (type === 'BYTE_ARRAY') return readPlainTexts(bytes, field, count);
  const size = physicalBytes(field.element) * count;
  if (size > bytes.length) throw new RangeError('a page ends early');
  return toCarriedLayout(field, bytes.subarray(0, size), count);
}

function readPlainTexts(bytes: Uint8Array, field: ParquetField, count: number): CarriedColumn {
  if (4 * count > bytes.length) throw new RangeError('a page ends early');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const offsets = new Int32Array(count + 1);
  const data = new Uint8Array(bytes.length - 4 * count);
  let at = 0;
  let end = 0;
  for (let row = 0; row < count; row++) {
    const length = view.getUint32(at, true);
    at += 4;
    if (length > bytes.length - at) throw new RangeError('a text ends behind its page');
    data.set(bytes.subarray(at, at + length), end);
    at += length;
    end += length;
    offsets[row + 1] = end;
  }
  return fromTexts(field, offsets, data.subarray(0, end));
}

/** Decimals may be stored as texts are; everything else that is, is carried like that. */
function fromTexts(field: ParquetField, offsets: Int32Array, data: Uint8Array): CarriedColumn {
  const length = offsets.length - 1;
  if (field.type.kind !== 'decimal') return { type: field.type, length, offsets, data };
  const width = field.type.bits / 8;
  const wide = new Uint8Array(length * width);
  for (let row = 0; row < length; row++) {
    const value = data.subarray(offsets[row], offsets[row + 1]);
    if (value.length > width) throw new RangeError('a decimal is too long');
    const start = row * width;
    wide.fill(value[0] >= 0x80 ? 0xff : 0, start, start + width);
    for (let byte = 0; byte < value.length; byte++) wide[start + byte] = value[value.length - 1 - byte];
  }
  return { type: field.type, length, data: wide };
}

function gather(dictionary: CarriedColumn, indexes: Int32Array, limit: number): CarriedColumn {
  const { type, length: known, offsets, data } = dictionary;
  const length = indexes.length;
  for (let row = 0; row < length; row++) {
    if (!(indexes[row] >= 0 && indexes[row] < known)) throw new RangeError(`an index is beyond ${known} values`);
  }
  if (!offsets) {
    const width = known === 0 ? 0 : data.length / known;
    const values = new Uint8Array(length * width);
    for (let row = 0, at = 0; row < length; row++) {
      const start = indexes[row] * width;
      for (let byte = 0; byte < width; byte++) values[at++] = data[start + byte];
    }
    return { type, length, data: values };
  }
  const ends = new Int32Array(length + 1);
  let total = 0;
  for (let row = 0; row < length; row++) {
    total += offsets[indexes[row] + 1] - offsets[indexes[row]];
    if (total > limit || total > 2 ** 31 - 1) {
      throw new Problem('body_too_large', 'A page of the Parquet file has more text than one request may hold.');
    }
    ends[row + 1] = total;
  }
  const values = new Uint8Array(total);
  for (let row = 0; row < length; row++) {
    values.set(data.subarray(offsets[indexes[row]], offsets[indexes[row] + 1]), ends[row]);
  }
  return { type, length, offsets: ends, data: values };
}

/** The first bytes of all values, then the second ones, …, as values. */
function joinStreams(bytes: Uint8Array, width: number, count: number): Uint8Array {
  if (width * count > bytes.length) throw new RangeError('a page ends early');
  const values = new Uint8Array(width * count);
  for (let byte = 0; byte < width; byte++) {
    for (let row = 0; row < count; row++) values[row * width + byte] = bytes[byte * count + row];
  }
  return values;
}

export function packBits(booleans: Uint8Array): Uint8Array {
  const bits = new Uint8Array(Math.ceil(booleans.length / 8));
  for (let row = 0; row < booleans.length; row++) bits[row >> 3] |= booleans[row] << (row & 7);
  return bits;
}
