/** What an element of the compact protocol is. */
const types = {
  stop: 0,
  true: 1,
  false: 2,
  byte: 3,
  i16: 4,
  i32: 5,
  i64: 6,
  double: 7,
  binary: 8,
  list: 9,
  struct: 12,
};

/** Parquet nests its structs six deep. */
const maxDepth = 12;

const maxVarintBytes = 10;

/** More than a footer of 10,000 columns in 20 row groups has. */
const maxElements = 2 ** 22;

const truncated = new Error('The bytes end early.');

/**
 * Walks over a struct of Thrift's compact protocol before anything is made of it: lists and strings are inside the bytes, and
 * what is nested stays shallow.
 *
 * Format: https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md
 * @returns where the struct ends; undefined where the bytes end before
 * @throws RangeError where it is none
 */
export function endOfThrift(bytes: Uint8Array): number | undefined {
  let at = 0;
  let elements = 0;

  function byte(): number {
    if (at >= bytes.length) throw truncated;
    return bytes[at++];
  }

  function varint(): number {
    let value = 0;
    for (let read = 0; read < maxVarintBytes; read++) {
      const next = byte();
      value += (next & 0x7f) * 2 ** (7 * read);
      if (next < 0x80) return value;
    }
    throw new RangeError('a number is too long');
  }

  function skip(length: number): void {
    if (length > 2 ** 31) throw new RangeError('a part is too long');
    at += length;
    if (at > bytes.length) throw truncated;
  }

  function struct(depth: number): void {
    if (depth > maxDepth) throw new RangeError('its structs are nested too deep');
    for (let header = byte(); (header & 0x0f) !== types.stop; header = byte()) {
      if (header >> 4 === 0) varint();
      element(header & 0x0f, depth);
    }
  }

  function element(type: number, depth: number): void {
    if (++elements > maxElements) throw new RangeError('it has too many parts');
    if (type === types.true || type === types.false) return;
    if (type === types.byte) skip(1);
    else if (type === types.i16 || type === types.i32 || type === types.i64) varint();
    else if (type === types.double) skip(8);
    else if (type === types.binary) skip(varint());
    else if (type === types.list) list(depth);
    else if (type === types.struct) struct(depth + 1);
    else throw new RangeError(`there is no type ${type}`);
  }

  function list(depth: number): void {
    const header = byte();
    const length = header >> 4 === 15 ? varint() : header >> 4;
    // Each element takes a byte at least.
    if (length > bytes.length - at) throw truncated;
    const type = header & 0x0f;
    for (let item = 0; item < length; item++) {
      if (type === types.true || type === types.false) skip(1);
      else element(type, depth + 1);
    }
  }

  try {
    struct(0);
    return at;
  } catch (error) {
    if (error === truncated) return undefined;
    throw error;
  }
}
