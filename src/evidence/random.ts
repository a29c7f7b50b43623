/** Numbers from 0 to below 1 by a seed: mulberry32, the same on every machine. */
export function createRandom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The indexes of `count` of `total` samples, ascending, each set as likely as any other (Knuth 3.4.2, algorithm S). */
export function sampleIndexes(total: number, count: number, seed: number): Uint32Array<ArrayBuffer> {
  const random = createRandom(seed);
  const indexes = new Uint32Array(Math.min(total, count));
  for (let i = 0, taken = 0; taken < indexes.length; i++) {
    if ((total - i) * random() < indexes.length - taken) indexes[taken++] = i;
  }
  return indexes;
}

/** The same items in another order (Fisher and Yates). */
export function shuffle(items: ArrayLike<number>, seed: number): Uint32Array<ArrayBuffer> {
  const random = createRandom(seed);
  const order = Uint32Array.from(items);
  for (let i = order.length - 1; i > 0; i--) {
    const other = Math.floor(random() * (i + 1));
    [order[i], order[other]] = [order[other], order[i]];
  }
  return order;
}
