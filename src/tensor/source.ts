import type { BlockPlan } from './blocks.ts';
import { blockLength } from './blocks.ts';
import { itemSize } from './dtype.ts';
import { elementCount } from './shape.ts';
import type { Tensor, TensorHeader } from './tensor.ts';

/** A flat range of a tensor's elements in a buffer, which may hold more. */
export interface Block {
  /** Index of the first element in the flattened tensor. */
  offset: number;
  count: number;
  buffer: ArrayBufferLike;
  /** Byte of the buffer at which the first element is; 0 unless blocks share a buffer. */
  start?: number;
}

/** A tensor that comes in blocks, as fast as it is read, and once. The shape may be open (see shape.ts). */
export interface Source extends TensorHeader {
  bigEndian: boolean;
  blocks(plan: BlockPlan): Iterable<Block> | AsyncIterable<Block>;
  /** Takes the buffer of a block back that nobody needs any more, to fill it again: new memory costs more than reading. */
  releaseBuffer?(buffer: ArrayBufferLike): void;
}

/** A tensor in memory as a source. A tensor of one block hands over its own buffer. */
export function toSource(tensor: Tensor, bigEndian = false): Source {
  const { dtype, shape } = tensor;
  return { dtype, shape, bigEndian, blocks: (plan) => blocksOf(tensor, plan) };
}

function* blocksOf({ dtype, shape, buffer }: Tensor, plan: BlockPlan): Generator<Block, void> {
  const width = itemSize(dtype);
  const total = elementCount(shape);
  for (let offset = 0; offset < total; ) {
    const count = blockLength(plan, offset, total);
    const whole = count === total;
    yield { offset, count, buffer: whole ? buffer : buffer.slice(offset * width, (offset + count) * width) };
    offset += count;
  }
}

/** The same source, and how many elements it has given so far. */
export function countElements(source: Source): { source: Source; elementsSeen(): number } {
  let seen = 0;
  async function* blocks(plan: BlockPlan): AsyncGenerator<Block, void> {
    for await (const block of source.blocks(plan)) {
      seen += block.count;
      yield block;
    }
  }
  return { source: { ...source, blocks }, elementsSeen: () => seen };
}

/** A tensor in memory that all threads see. */
export interface SharedSource extends Source {
  /** All its elements, row-major. */
  buffer: SharedArrayBuffer;
}

/**
 * A tensor in shared memory as a source: its blocks are not copied and not handed over, so that it can be read again and
 * again, and by several calls at once.
 */
export function toSharedSource(
  { dtype, shape, bigEndian }: Omit<Source, 'blocks'>,
  buffer: SharedArrayBuffer,
): SharedSource {
  const width = itemSize(dtype);
  const total = elementCount(shape);
  return {
    dtype,
    shape,
    bigEndian,
    buffer,
    *blocks(plan) {
      for (let offset = 0; offset < total; ) {
        const count = blockLength(plan, offset, total);
        yield { offset, count, buffer, start: offset * width };
        offset += count;
      }
    },
  };
}
