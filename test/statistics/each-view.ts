import { withScratch } from '#kernels/kernels.ts';
import { placeElements } from '#kernels/view.ts';
import type { EachView } from '#statistics/quantiles/quantiles.ts';
import type { Dtype } from '#tensor/dtype.ts';
import type { Elements } from './elements.ts';

/** Hands over the elements of a tensor in memory, in blocks of `blockLength` that are cut beforehand. */
export function eachViewOf(dtype: Dtype, elements: Elements, blockLength: number): EachView {
  const blocks: { offset: number; count: number; buffer: ArrayBuffer }[] = [];
  for (let offset = 0; offset < elements.length; offset += blockLength) {
    const block = elements.slice(offset, offset + blockLength);
    blocks.push({ offset, count: block.length, buffer: block.buffer });
  }
  return (visit) => {
    for (const { offset, count, buffer } of blocks) {
      withScratch(() => {
        const address = placeElements({ buffer, count }, dtype, false);
        visit({ dtype, address, offset, count, locate: (flat) => ({ index: `${flat}`, pointer: '/data' }) });
      });
    }
  };
}
