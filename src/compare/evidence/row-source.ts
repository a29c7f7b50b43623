import { blockLength } from '#tensor/blocks.ts';
import { itemSize } from '#tensor/dtype.ts';
import { elementCount } from '#tensor/shape.ts';
import type { SharedSource, Source } from '#tensor/source.ts';

/** Some samples of a tensor in memory as a source; they are copied block by block, when they are asked for. */
export function rowSource(whole: SharedSource, rows: Uint32Array): Source {
  const rest = whole.shape.slice(1);
  const rowBytes = elementCount(rest) * itemSize(whole.dtype);
  const width = itemSize(whole.dtype);
  const shape = [rows.length, ...rest];
  const bytes = new Uint8Array(whole.buffer);
  return {
    dtype: whole.dtype,
    shape,
    bigEndian: whole.bigEndian,
    *blocks(plan) {
      const total = elementCount(shape);
      for (let offset = 0; offset < total; ) {
        const count = blockLength(plan, offset, total);
        const block = new Uint8Array(count * width);
        copyRows(block, offset * width);
        yield { offset, count, buffer: block.buffer };
        offset += count;
      }
    },
  };

  /** @param first byte of the chosen rows that the block begins with */
  function copyRows(block: Uint8Array, first: number): void {
    for (let done = 0; done < block.length; ) {
      const row = Math.floor((first + done) / rowBytes);
      const within = (first + done) % rowBytes;
      const length = Math.min(rowBytes - within, block.length - done);
      const start = rows[row] * rowBytes + within;
      block.set(bytes.subarray(start, start + length), done);
      done += length;
    }
  }
}
