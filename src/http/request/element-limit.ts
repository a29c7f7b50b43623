import { Problem } from '#errors.ts';
import { elementCount, hasUnknownLength } from '#tensor/shape.ts';
import type { Block, Source } from '#tensor/source.ts';

/**
 * Limits the number of elements of the data. If it is known only at the end, they are counted as they arrive.
 * @throws Problem body_too_large
 */
export function limitElements<Data extends { source: Source }>(data: Data, most: number): Data {
  const { source } = data;
  if (hasUnknownLength(source.shape)) return { ...data, source: countedUpTo(source, most) };
  if (elementCount(source.shape) > most) throw tooMany(most);
  return data;
}

function countedUpTo(source: Source, most: number): Source {
  return {
    ...source,
    async *blocks(plan): AsyncGenerator<Block, void> {
      for await (const block of source.blocks(plan)) {
        if (block.offset + block.count > most) throw tooMany(most);
        yield block;
      }
    },
  };
}

function tooMany(most: number): Problem {
  return new Problem('body_too_large', `An array may have at most ${most} elements (NORMA_ELEMENT_LIMIT).`);
}
