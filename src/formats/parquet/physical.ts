import type { SchemaElement } from 'hyparquet';
import { type CarriedColumn, fixedWidth } from '#tensor/carried.ts';
import { viewAs } from '#tables/typed-arrays.ts';
import type { ParquetField } from './footer.ts';

/** Days from the start of the Julian calendar to 1970. */
const julianEpoch = 2440588n;

const nanosPerDay = 86400000000000n;

/** Bytes of a stored value that is always as long. */
export function physicalBytes({ type, type_length: width = 0 }: SchemaElement): number {
  switch (type) {
    case 'INT32':
    case 'FLOAT':
      return 4;
    case 'INT64':
    case 'DOUBLE':
      return 8;
    case 'INT96':
      return 12;
    case 'FIXED_LEN_BYTE_ARRAY':
      return width;
    case 'BOOLEAN':
    case 'BYTE_ARRAY':
    case undefined:
      throw new RangeError(`a value of ${type} has no width`);
  }
}

/** Stored values, one after the other, as Arrow has them. */
export function toCarriedLayout({ type, element }: ParquetField, bytes: Uint8Array, count: number): CarriedColumn {
  const column: CarriedColumn = { type, length: count, data: bytes };
  if (type.kind === 'null') column.data = new Uint8Array(0);
  else if (element.type === 'INT96') column.data = nanosOf(bytes, count);
  else if (type.kind === 'int' && type.bits < 32) column.data = narrow(bytes, type.bits / 8, count);
  else if (type.kind === 'decimal' && element.type === 'FIXED_LEN_BYTE_ARRAY') {
    column.data = reverse(bytes, element.type_length ?? 0, fixedWidth(type) ?? 0, count);
  } else if (type.kind === 'utf8' || type.kind === 'binary') column.offsets = new Int32Array(count + 1);
  return column;
}

/** The lower bytes of 32-bit integers. */
function narrow(bytes: Uint8Array, width: number, count: number): Uint8Array {
  const values = new Uint8Array(count * width);
  for (let row = 0; row < count; row++) {
    for (let byte = 0; byte < width; byte++) values[row * width + byte] = bytes[row * 4 + byte];
  }
  return values;
}

/** Decimals are big-endian there, and as wide as they need to be. */
function reverse(bytes: Uint8Array, from: number, to: number, count: number): Uint8Array {
  const values = new Uint8Array(count * to);
  for (let row = 0; row < count; row++) {
    const start = row * from;
    if (bytes[start] >= 0x80) values.fill(0xff, row * to, (row + 1) * to);
    for (let byte = 0; byte < from; byte++) values[row * to + byte] = bytes[start + from - 1 - byte];
  }
  return values;
}

/** Nanoseconds in the day, and the day. */
function nanosOf(bytes: Uint8Array, count: number): Uint8Array {
  const words = viewAs('uint32', bytes, 3 * count);
  const nanos = new BigInt64Array(count);
  for (let row = 0; row < count; row++) {
    const inDay = (BigInt(words[3 * row + 1]) << 32n) | BigInt(words[3 * row]);
    nanos[row] = (BigInt(words[3 * row + 2]) - julianEpoch) * nanosPerDay + inDay;
  }
  return new Uint8Array(nanos.buffer);
}
