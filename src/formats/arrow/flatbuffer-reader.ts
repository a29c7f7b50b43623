/**
 * Reads untrusted flatbuffers. The package `flatbuffers` reads zeros where an invalid offset points outside the buffer;
 * here every such read throws a RangeError. Offsets to other parts must point forward, so that no part contains itself.
 *
 * Format: https://flatbuffers.dev/internals/
 */
export interface FlatTable {
  /** A scalar field, or its default if absent. */
  uint8(field: number, absent?: number): number;
  int16(field: number, absent?: number): number;
  int32(field: number, absent?: number): number;
  int64(field: number, absent?: number): number;
  has(field: number): boolean;
  table(field: number): FlatTable;
  /** A vector of tables, read lazily: several elements may be the same table. */
  tables(field: number): { length: number; at(index: number): FlatTable };
  /** The bytes of a string; empty if absent. */
  bytes(field: number): Uint8Array;
  /** A vector of structs of `words` 64-bit integers each, concatenated; empty if absent. */
  structs(field: number, words: number): Float64Array;
}

/** @throws RangeError here and in each method for an invalid offset or length */
export function rootTable(bytes: Uint8Array): FlatTable {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return tableAt(view, view.getUint32(0, true));
}

function tableAt(view: DataView, position: number): FlatTable {
  const vtable = position - view.getInt32(position, true);
  const vtableLength = view.getUint16(vtable, true);

  /** The position of a field, or 0 if absent. */
  function place(field: number): number {
    const entry = 4 + 2 * field;
    const offset = entry < vtableLength ? view.getUint16(vtable + entry, true) : 0;
    return offset === 0 ? 0 : position + offset;
  }

  function target(field: number): number {
    const at = place(field);
    if (at === 0) throw new RangeError('A required field is missing.');
    return at + view.getUint32(at, true);
  }

  /** Position and length of a vector whose elements have `width` bytes. */
  function vector(field: number, width: number): { first: number; length: number } {
    if (place(field) === 0) return { first: 0, length: 0 };
    const at = target(field);
    const length = view.getUint32(at, true);
    if (length * width > view.byteLength - at - 4) throw new RangeError('A vector is longer than the message.');
    return { first: at + 4, length };
  }

  return {
    uint8: (field, absent = 0) => (place(field) === 0 ? absent : view.getUint8(place(field))),
    int16: (field, absent = 0) => (place(field) === 0 ? absent : view.getInt16(place(field), true)),
    int32: (field, absent = 0) => (place(field) === 0 ? absent : view.getInt32(place(field), true)),
    int64: (field, absent = 0) => (place(field) === 0 ? absent : int64At(view, place(field))),
    has: (field) => place(field) !== 0,
    table: (field) => tableAt(view, target(field)),
    tables(field) {
      const { first, length } = vector(field, 4);
      const at = (index: number) => tableAt(view, first + 4 * index + view.getUint32(first + 4 * index, true));
      return { length, at };
    },
    bytes(field) {
      const { first, length } = vector(field, 1);
      return new Uint8Array(view.buffer, view.byteOffset + first, length);
    },
    structs(field, words) {
      const { first, length } = vector(field, 8 * words);
      const numbers = new Float64Array(length * words);
      for (let at = 0; at < numbers.length; at++) numbers[at] = int64At(view, first + 8 * at);
      return numbers;
    },
  };
}

/**
 * Avoids BigInt, which would take most of the time. Beyond 2^53 the number is inexact, but out of every valid range
 * anyway.
 */
function int64At(view: DataView, position: number): number {
  return view.getInt32(position + 4, true) * 2 ** 32 + view.getUint32(position, true);
}
