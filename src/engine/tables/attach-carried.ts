import type { Block } from '#tensor/source.ts';

/** Blocks with what is carried beside them, which was kept by their offsets. */
export function attachCarried(blocks: Block[], carried: ReadonlyMap<number, Block['carried']>): Block[] {
  return carried.size === 0 ? blocks : blocks.map((block) => ({ ...block, carried: carried.get(block.offset) }));
}
