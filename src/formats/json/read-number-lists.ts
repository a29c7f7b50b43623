import { bytesAt, doublesAt, kernels, allocate, withScratch } from '#kernels/kernels.ts';
import { placePowersOfFive } from '#kernels/powers-of-five.ts';
import { free } from '#memory/free.ts';
import { grow } from '#memory/grow.ts';
import { maxRank } from '#tensor/shape.ts';
import type { Tensor } from '#tensor/tensor.ts';

/** Bytes of text that the kernels get at once. */
const pieceLength = 2 ** 18;

/** What `read_lists` says of a piece, and where its state says where the next one begins, the axes, and their lengths. */
const [closed, other] = [1, 2];
const [usedAt, rankAt, lengthsAt] = [0, 2, 14];

/** How much more room for numbers than the text so far lets expect, and how many times what is there already at most. */
const [slack, mostGrowth] = [1.02, 16];

/**
 * Reads nested lists out of JSON text where they are a rectangle of numbers and nulls, which are NaN: in half the time that
 * JSON.parse and a copy of its numbers take, and without a heap full of them.
 * @param begin the byte at which they begin
 * @returns a float64 tensor and the byte behind the lists; undefined for whatever else is there, right or wrong
 */
export function readNumberLists(text: Uint8Array, begin: number): { tensor: Tensor; end: number } | undefined {
  placePowersOfFive();
  return withScratch(() => {
    const from = allocate(pieceLength);
    const to = allocate((pieceLength / 2 + 1) * 8);
    const state = allocate((lengthsAt + maxRank) * 4);
    bytesAt(state, (lengthsAt + maxRank) * 4).fill(0);
    let values = new Float64Array(0);
    let count = 0;
    for (let at = begin; ; ) {
      const piece = text.subarray(at, at + pieceLength);
      bytesAt(from, piece.length).set(piece);
      const result = kernels.read_lists(from, piece.length, to, state);
      const how = result & 3;
      const fields = new Int32Array(kernels.memory.buffer, state, lengthsAt + maxRank);
      at += fields[usedAt];
      if (how === other || (how !== closed && fields[usedAt] === 0)) {
        free(values.buffer);
        return undefined;
      }
      const found = doublesAt(to, result >> 2);
      if (count + found.length > values.length) {
        const rest = how === closed ? 1 : Math.min(mostGrowth, ((text.length - begin) / (at - begin)) * slack);
        values = grow(values, count, Math.ceil((count + found.length) * rest));
      }
      values.set(found, count);
      count += found.length;
      if (how !== closed) continue;
      const shape = [...fields.subarray(lengthsAt, lengthsAt + fields[rankAt])];
      const buffer = count === values.length ? values.buffer : values.buffer.transfer(count * 8);
      return { tensor: { dtype: 'float64', shape, buffer }, end: at };
    }
  });
}
