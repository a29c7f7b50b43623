import { bytesAt, doublesAt, kernels, allocate, withScratch } from '#kernels/kernels.ts';
import { placePowersOfFive } from '#kernels/powers-of-five.ts';
import { dtypeNumber } from '#kernels/view.ts';
import { type FloatDtype, itemSize } from '#tensor/dtype.ts';
import { grow } from '#memory/grow.ts';
import { maxRank } from '#tensor/shape.ts';

/** Numbers in the kernels' memory. */
export interface NumberRange {
  address: number;
  count: number;
  /** float16 and float32 are written with the digits that a float32 needs. */
  dtype: FloatDtype;
}

/** How to write numbers. */
export interface ListStyle {
  style: 'json' | 'csv';
  /** The lengths of the lists, outermost first; the outermost may be infinite. */
  lengths: readonly number[];
  /** Whether the outermost list has no brackets. */
  isBare?: boolean;
}

/** Numbers per kernel call. */
const pieceLength = 2 ** 13;

/** Maximum bytes of a number with its separators and brackets, and of scratch space after the text. */
const [mostBytes, margin] = [41, 40];

/** Fields of the state of `write_lists`: two for the position, then the rest and the length of each list. */
const stateLength = 2 + 2 * maxRank;

/** Scratch memory for the text of a block, copied once its length is known; larger blocks get temporary memory. */
let room = new Uint8Array(0);

const maxKeptBytes = 2 ** 23;

/**
 * Formats the numbers from `offset` on. The texts of consecutive ranges concatenate to the text of the whole array.
 * Each number has the fewest digits that read back as the same double, as in JavaScript; float16 and float32 have the
 * fewest that read back as the same float32, as in NumPy. NaN and the infinities are null, "Infinity" and "-Infinity"
 * in JSON, and nan, inf and -inf in CSV, as in NumPy; in CSV no integer is written in a way that pandas would not read
 * as a number.
 */
export function writeNumberLists(
  { address, count, dtype }: NumberRange,
  offset: number,
  { style, lengths, isBare }: ListStyle,
): Uint8Array<ArrayBuffer> {
  placePowersOfFive();
  return withScratch(() => {
    const to = allocate(Math.min(count, pieceLength) * mostBytes + margin);
    const isSingle = dtype !== 'float64';
    const widened = isSingle ? allocate(Math.min(count, pieceLength) * 8) : 0;
    const state = allocate(stateLength * 8);
    doublesAt(state, stateLength).set(stateAt(offset, lengths, isBare === true));
    let length = 0;
    for (let at = 0; at < count; at += pieceLength) {
      const size = Math.min(pieceLength, count - at);
      const from = address + at * itemSize(dtype);
      const x = isSingle ? widened : from;
      if (isSingle) kernels.load_tile(dtypeNumber(dtype), from, size, 1, size, x);
      const found = kernels.write_lists(x, size, isSingle, style === 'csv', lengths.length, state, to);
      addToRoom(bytesAt(to, found), length);
      length += found;
    }
    const text = new Uint8Array(room.subarray(0, length));
    if (room.length > maxKeptBytes) room = grow(room, 0, 0);
    return text;
  });
}

function stateAt(offset: number, lengths: readonly number[], isBare: boolean): number[] {
  const left: number[] = [];
  let begins = 0;
  let size = 1;
  for (let axis = lengths.length - 1; axis >= 0; axis--) {
    left[axis] = lengths[axis] - (lengths[axis] === Infinity ? 0 : Math.floor(offset / size) % lengths[axis]);
    size *= lengths[axis];
    if (offset === 0 ? axis > 0 || !isBare : offset % size === 0) begins += 1;
  }
  const ofAxes = (values: readonly number[]) => Array.from({ length: maxRank }, (_, axis) => values[axis] ?? 0);
  return [offset > 0 ? 1 : 0, begins, ...ofAxes(left), ...ofAxes(lengths)];
}

function addToRoom(piece: Uint8Array, at: number): void {
  const needed = at + piece.length;
  if (needed > room.length)
    room = grow(room, at, needed <= maxKeptBytes ? Math.min(2 * needed, maxKeptBytes) : 2 * needed);
  room.set(piece, at);
}
