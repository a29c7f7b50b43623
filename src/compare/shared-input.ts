import { reserveMemory } from '#memory/reservation.ts';
import { planBlocks } from '#tensor/blocks.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elementCount, hasUnknownLength } from '#tensor/shape.ts';
import { toSharedSource } from '#tensor/source.ts';
import type { TensorInput } from '#formats/tensor-input.ts';
import type { SharedInput } from './compare.ts';
import { bufferSource } from '#engine/unsized-source.ts';
import { tooLarge } from '#formats/stream/byte-reader.ts';

/**
 * Reads an input into memory shared by the worker threads, so that several calls can read it.
 * @throws Problem body_too_large, before anything is read if the size is known; or what is wrong with the body
 */
export async function loadShared(input: TensorInput, limit: number): Promise<SharedInput> {
  const source = hasUnknownLength(input.source.shape) ? await bufferSource(input.source, limit) : input.source;
  const width = itemSize(source.dtype);
  const size = elementCount(source.shape) * width;
  if (size > limit) throw tooLarge(limit);
  reserveMemory(size, 'The data');
  const shared = new SharedArrayBuffer(size);
  const bytes = new Uint8Array(shared);
  for await (const { buffer, offset, count, start } of source.blocks(planBlocks(source.shape, false))) {
    bytes.set(new Uint8Array(buffer, start, count * width), offset * width);
  }
  return { ...input, source: toSharedSource(source, shared) };
}
