import { deltaBinaryUnpack } from 'hyparquet/src/delta.js';
import { Problem } from '#errors.ts';

/** What hyparquet reads from, and moves on. */
interface DataReader {
  view: DataView;
  offset: number;
}

const maxBlock = 2 ** 20;

/** Integers as their bytes. */
export function readDeltaIntegers(bytes: Uint8Array, type: 'INT32' | 'INT64', count: number): Uint8Array {
  const values = type === 'INT32' ? new Int32Array(count) : new BigInt64Array(count);
  unpack(readerOf(bytes), values);
  return new Uint8Array(values.buffer);
}

/** The lengths of all values, then the values. */
export function readDeltaLengthTexts(bytes: Uint8Array, count: number): { offsets: Int32Array; data: Uint8Array } {
  const reader = readerOf(bytes);
  const lengths = new Int32Array(count);
  unpack(reader, lengths);
  const offsets = sumUp([lengths], bytes.length);
  const end = reader.offset + offsets[count];
  if (end > bytes.length) throw new RangeError('a text ends behind its page');
  return { offsets, data: bytes.subarray(reader.offset, end) };
}

/** How much of the value before each one begins with, and the rest of each. */
export function readDeltaTexts(
  bytes: Uint8Array,
  count: number,
  limit: number,
): { offsets: Int32Array; data: Uint8Array } {
  const reader = readerOf(bytes);
  const prefixes = new Int32Array(count);
  unpack(reader, prefixes);
  const { offsets: ends, data: suffixes } = readDeltaLengthTexts(bytes.subarray(reader.offset), count);
  const suffixLengths = Int32Array.from(prefixes, (_, row) => ends[row + 1] - ends[row]);
  const offsets = sumUp([prefixes, suffixLengths], limit);
  const data = new Uint8Array(offsets[count]);
  for (let row = 0; row < count; row++) {
    const before = row === 0 ? 0 : offsets[row - 1];
    if (prefixes[row] > offsets[row] - before) throw new RangeError('a text begins with more than the one before');
    data.copyWithin(offsets[row], before, before + prefixes[row]);
    data.set(suffixes.subarray(ends[row], ends[row + 1]), offsets[row] + prefixes[row]);
  }
  return { offsets, data };
}

function readerOf(bytes: Uint8Array): DataReader {
  return { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength), offset: 0 };
}

function unpack(reader: DataReader, values: Int32Array | BigInt64Array): void {
  checkHeader(reader);
  deltaBinaryUnpack(reader, values.length, values);
}

/** hyparquet takes the size of a block, and into how many parts it is cut, as they stand. */
function checkHeader({ view, offset }: DataReader): void {
  const [block, parts] = [0, 1].map(() => {
    let value = 0;
    for (let shift = 0; shift < 28; shift += 7) {
      const byte = view.getUint8(offset++);
      value += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return value;
    }
    throw new RangeError('a block is too long');
  });
  const isWhole = parts > 0 && (block / parts) % 8 === 0;
  if (!(isWhole && block > 0 && block <= maxBlock))
    throw new RangeError(`a block of ${block} values has ${parts} parts`);
}

/** Where values of these lengths begin. */
function sumUp(lengths: readonly Int32Array[], limit: number): Int32Array {
  const offsets = new Int32Array(lengths[0].length + 1);
  let total = 0;
  for (let row = 0; row < lengths[0].length; row++) {
    for (const some of lengths) {
      if (some[row] < 0) throw new RangeError('a text has a negative length');
      total += some[row];
    }
    if (total > Math.min(limit, 2 ** 31 - 1)) {
      throw new Problem('body_too_large', 'A page of the Parquet file has more text than one request may hold.');
    }
    offsets[row + 1] = total;
  }
  return offsets;
}
