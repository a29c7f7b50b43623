/** A part of a flatbuffer: a table with its fields by number, a vector, or a string. */
export type Part =
  | { fields: readonly (Scalar | Part | undefined)[] }
  | { tables: readonly Part[] }
  | { structs: ArrayLike<number>; words: number }
  | { text: string };

type Scalar = { int8: number } | { int16: number } | { int32: number } | { int64: number };

/** Bytes of every field: those of the widest, so that all are aligned. */
const cell = 8;

const utf8 = new TextEncoder();

/**
 * Writes a flatbuffer from front to back, each part after the table or vector that refers to it. Nothing is shared, so
 * the result is longer than that of the package `flatbuffers`, but ten times faster to write with many 64-bit integers.
 *
 * Format: https://flatbuffers.dev/internals/
 */
export function writeFlatbuffer(root: Part): Uint8Array {
  let view = new DataView(new ArrayBuffer(1024));
  let length = 0;
  refer(take(4, 4), root);
  return new Uint8Array(view.buffer, 0, length);

  /** Allocates zeroed bytes such that the one at `ahead` is aligned; returns their position. */
  function take(bytes: number, alignment: number, ahead = 0): number {
    const position = Math.ceil((length + ahead) / alignment) * alignment - ahead;
    length = position + bytes;
    if (length > view.byteLength) {
      const larger = new Uint8Array(Math.max(2 * view.byteLength, length));
      larger.set(new Uint8Array(view.buffer));
      view = new DataView(larger.buffer);
    }
    return position;
  }

  /** Writes a part, and its relative offset at `from`. */
  function refer(from: number, part: Part): void {
    const position = write(part);
    view.setUint32(from, position - from, true);
  }

  function write(part: Part): number {
    if ('fields' in part) return writeTable(part.fields);
    if ('tables' in part) {
      const vector = take(4 + 4 * part.tables.length, 4);
      view.setUint32(vector, part.tables.length, true);
      part.tables.forEach((table, at) => refer(vector + 4 + 4 * at, table));
      return vector;
    }
    if ('structs' in part) return writeStructs(part.structs, part.words);
    const bytes = utf8.encode(part.text);
    const string = take(4 + bytes.length + 1, 4);
    view.setUint32(string, bytes.length, true);
    new Uint8Array(view.buffer).set(bytes, string + 4);
    return string;
  }

  function writeTable(fields: readonly (Scalar | Part | undefined)[]): number {
    const vtable = take(4 + 2 * fields.length, 2);
    const table = take(cell * (1 + fields.length), cell);
    view.setUint16(vtable, 4 + 2 * fields.length, true);
    view.setUint16(vtable + 2, cell * (1 + fields.length), true);
    view.setInt32(table, table - vtable, true);
    fields.forEach((field, at) => {
      if (field === undefined) return;
      const offset = cell * (1 + at);
      view.setUint16(vtable + 4 + 2 * at, offset, true);
      if ('int8' in field) view.setInt8(table + offset, field.int8);
      else if ('int16' in field) view.setInt16(table + offset, field.int16, true);
      else if ('int32' in field) view.setInt32(table + offset, field.int32, true);
      else if ('int64' in field) setInt64(table + offset, field.int64);
      else refer(table + offset, field);
    });
    return table;
  }

  function writeStructs(numbers: ArrayLike<number>, words: number): number {
    const vector = take(4 + 8 * numbers.length, 8, 4);
    view.setUint32(vector, numbers.length / words, true);
    for (let at = 0; at < numbers.length; at++) setInt64(vector + 4 + 8 * at, numbers[at]);
    return vector;
  }

  function setInt64(position: number, value: number): void {
    view.setUint32(position, value, true); // stored modulo 2^32
    view.setUint32(position + 4, Math.floor(value / 2 ** 32), true);
  }
}
