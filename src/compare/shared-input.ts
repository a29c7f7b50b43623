import { planBlocks } from '#tensor/blocks.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elements, isOpen } from '#tensor/shape.ts';
import { sharedSource } from '#tensor/source.ts';
import type { Input } from '#engine/run-call.ts';
import type { SharedInput } from './compare.ts';
import { held } from '#engine/unsized-source.ts';
import { tooLarge } from '#formats/stream/byte-reader.ts';

/**
 * Reads all of an input into memory that the worker threads share, so that several calls can look at it.
 * @throws Problem body_too_large, before anything is read where the size is known, for data over the limit; what is wrong with the body
 */
export async function hold(input: Input, limit: number): Promise<SharedInput> {
  const source = isOpen(input.source.shape) ? await held(input.source, limit) : input.source;
  const width = itemSize(source.dtype);
  const size = elements(source.shape) * width;
  if (size > limit) throw tooLarge(limit);
  const shared = new SharedArrayBuffer(size);
  const bytes = new Uint8Array(shared);
  for await (const { buffer, offset, count, start } of source.blocks(planBlocks(source.shape, false))) {
    bytes.set(new Uint8Array(buffer, start, count * width), offset * width);
  }
  return { ...input, source: sharedSource(source, shared) };
}
