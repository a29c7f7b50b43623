import type { BlockPlan } from './blocks.ts';
import { blockLength } from './blocks.ts';
import type { CarriedColumn } from './carried.ts';
import { itemSize } from './dtype.ts';
import { elementCount } from './shape.ts';
import type { Tensor, TensorHeader } from './tensor.ts';

/** A flat range of a tensor's elements in a buffer, which may be larger. */
export interface Block {
  /** Index of the first element in the flattened tensor. */
  offset: number;
  count: number;
  buffer: ArrayBufferLike;
  /** Byte offset of the first element in the buffer; 0 unless blocks share a buffer. */
  start?: number;
  /** Of a table's whole rows: their values in the columns that are carried along. */
  carried?: readonly CarriedColumn[];
}

/** A tensor that is read in blocks, on demand and once. Its number of samples may be unknown (see shape.ts). */
export interface Source extends TensorHeader {
  bigEndian: boolean;
  blocks(plan: BlockPlan): Iterable<Block> | AsyncIterable<Block>;
  /** Takes back the buffer of a finished block for reuse, because fresh memory costs more than reading. */
  releaseBuffer?(buffer: ArrayBufferLike): void;
}

/** A source of a tensor in memory. A tensor of one block gives away its own buffer. */
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

/** The same source, with a count of the elements it has yielded so far. */
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

/** A tensor in memory shared by all threads. */
export interface SharedSource extends Source {
  /** All its elements, row-major. */
  buffer: SharedArrayBuffer;
}

/**
 * A source of a tensor in shared memory. Its blocks are neither copied nor transferred, so it can be read repeatedly,
 * and by several calls at once.
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
