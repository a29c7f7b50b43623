import { grow } from '#memory/grow.ts';
import type { CarriedColumn, CarriedType } from '#tensor/carried.ts';

/** Gathers the texts of a column, value by value. Its memory is used again for the next piece. */
export interface TextBuilder {
  /** Adds the bytes `[from, to)` as a value. */
  add(bytes: Uint8Array, from: number, to: number): void;
  addMissing(): void;
  /** Takes values back until so many are left: a row that turns out to be broken. */
  cut(length: number): void;
  /** What was added, in memory of its own; the builder is empty afterwards. */
  build(): CarriedColumn;
}

/** Bytes up to which a loop is faster than `set`. */
const shortText = 24;

const firstRows = 2 ** 10;
const firstBytes = 2 ** 14;

export function createTextBuilder(type: CarriedType & { kind: 'utf8' | 'json' }): TextBuilder {
  let data = new Uint8Array(firstBytes);
  let ends = new Float64Array(firstRows);
  let missing: number[] = [];
  let length = 0;
  let size = 0;

  function addEnd(): void {
    if (length === ends.length) ends = grow(ends, length, 2 * length);
    ends[length++] = size;
  }

  return {
    add(bytes, from, to) {
      const count = to - from;
      if (size + count > data.length) data = grow(data, size, Math.max(size + count, 2 * data.length));
      if (count > shortText) data.set(bytes.subarray(from, to), size);
      else for (let at = 0; at < count; at++) data[size + at] = bytes[from + at];
      size += count;
      addEnd();
    },
    addMissing() {
      missing.push(length);
      addEnd();
    },
    cut(rows) {
      if (rows >= length) return;
      length = rows;
      size = rows === 0 ? 0 : ends[rows - 1];
      while (missing.length > 0 && missing[missing.length - 1] >= rows) missing.pop();
    },
    build() {
      const offsets = new Int32Array(length + 1);
      for (let row = 0; row < length; row++) offsets[row + 1] = ends[row];
      const column: CarriedColumn = { type, length, offsets, data: data.slice(0, size) };
      if (missing.length > 0) {
        const validity = new Uint8Array(Math.ceil(length / 8)).fill(0xff);
        for (const row of missing) validity[row >> 3] &= ~(1 << (row & 7));
        column.validity = validity;
      }
      missing = [];
      length = 0;
      size = 0;
      return column;
    },
  };
}
