import { type BlockPlan, blockLength } from './blocks.ts';
import { free } from '#memory/free.ts';
import type { Block } from './source.ts';

/**
 * Cuts row-major elements that arrive in pieces of any length into the blocks of a plan, so that they give the same
 * bits as a tensor in one piece. Takes ownership of the pieces, and frees each as soon as it is copied.
 * @param width bytes of an element
 */
export async function* rechunk(
  pieces: AsyncIterable<Uint8Array<ArrayBuffer>> | Iterable<Uint8Array<ArrayBuffer>>,
  plan: BlockPlan,
  width: number,
): AsyncGenerator<Block, void> {
  let offset = 0;
  let block = new Uint8Array(0);
  let filled = 0;
  pieces: for await (const piece of pieces) {
    for (let at = 0; at < piece.length; ) {
      const count = blockLength(plan, offset, Infinity);
      const rest = piece.length - at;
      if (filled === 0 && rest === count * width && piece.buffer.byteLength === rest) {
        yield { offset, count, buffer: piece.buffer };
        offset += count;
        continue pieces;
      }
      if (filled === 0) block = new Uint8Array(count * width);
      const part = piece.subarray(at, at + block.length - filled);
      block.set(part, filled);
      filled += part.length;
      at += part.length;
      if (filled === block.length) {
        yield { offset, count, buffer: block.buffer };
        offset += count;
        filled = 0;
      }
    }
    free(piece.buffer);
  }
  if (filled > 0) yield { offset, count: filled / width, buffer: block.buffer };
}
