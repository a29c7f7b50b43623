import { doublesAt, allocate, withScratch } from '#kernels/kernels.ts';
import { placeElements, type View } from '#kernels/view.ts';
import type { EachView } from '#statistics/quantiles/quantiles.ts';
import { loadTile } from '#statistics/reduce-block.ts';
import { eachTile, layoutOf, tileCapacity } from '#tensor/layout.ts';
import { elementCount, selectedShape } from '#tensor/shape.ts';
import type { Block } from '#tensor/source.ts';
import type { TensorHeader } from '#tensor/tensor.ts';
import type { PartJob } from '#engine/parts/part-jobs.ts';
import { runPart, selectColumns } from '#engine/parts/run-part.ts';
import { type BlockHeader, viewOf } from './run-block.ts';

/** A tensor with all its blocks in memory, for what needs whole slices. */
export interface BufferedTensor {
  header: BlockHeader;
  blocks: Block[];
}

/** The buffers to transfer with a task on the whole tensor. */
export function buffersOf({ blocks }: BufferedTensor): ArrayBufferLike[] {
  return blocks.map(({ buffer }) => buffer);
}

/** The number of samples; an array of rank 0 or 1 is one sample. */
export function sampleCount({ shape }: TensorHeader): number {
  return shape.length > 1 ? shape[0] : 1;
}

/** Visits every block, or the given columns of it. */
export function forEachView(held: BufferedTensor, columns: number[] | undefined): EachView {
  return (visit) => eachBlock(held, (view) => visit(selectColumns(view, held.header.shape, columns).view));
}

/** Visits of every block what the normalizer in a job takes that shows it. */
export function forEachShown(held: BufferedTensor, job: PartJob): EachView {
  const { shape } = held.header;
  return (visit) => eachBlock(held, (view) => runPart(job, { view, shape }, 'float64', { leaves: [], show: visit }));
}

/** Visits every block as it came. */
export function eachBlock({ header, blocks }: BufferedTensor, visit: (view: View) => void): void {
  for (const block of blocks) {
    withScratch(() => {
      const address = placeElements(block, header.dtype, header.bigEndian);
      visit({ ...viewOf(header), address, offset: block.offset, count: block.count });
    });
  }
}

/** All values, or those of the given columns, as float64 in order. */
export function toFloat64(held: BufferedTensor, columns?: number[]): Float64Array {
  const { shape } = held.header;
  const values = new Float64Array(elementCount(selectedShape(shape, columns)));
  const whole = layoutOf([values.length], [true]);
  forEachView(
    held,
    columns,
  )((view) => {
    const x = allocate(tileCapacity * 8);
    eachTile(whole, view.offset, view.count, (tile) => {
      loadTile(view, tile, x, 0);
      values.set(doublesAt(x, tile.columns), view.offset + tile.offset);
    });
  });
  return values;
}
