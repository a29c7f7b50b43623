import { doublesAt, kernels, allocate } from '#kernels/kernels.ts';

/** Bytes of the kernel's list of segments, per rank. */
const jobBytes = 24;

/**
 * Finds order statistics among keys in the kernels' memory, which are reordered.
 * @param mostRanks the most ranks of one call; their room is kept until the surrounding `withScratch` ends
 * @returns a function that gives the values at increasing ranks, in an array that the next call reuses
 */
export function rankSelector(mostRanks: number): (at: number, count: number, wanted: Uint32Array) => Float64Array {
  const ranks = allocate(mostRanks * 4);
  const jobs = allocate(mostRanks * jobBytes);
  const to = allocate(mostRanks * 8);
  let values = doublesAt(to, 0);
  let placed: Uint32Array | undefined;
  return (at, count, wanted) => {
    if (wanted !== placed) {
      new Uint32Array(kernels.memory.buffer, ranks, wanted.length).set(wanted);
      values = doublesAt(to, wanted.length);
      placed = wanted;
    }
    kernels.select(at, count, ranks, wanted.length, jobs, to);
    return values;
  };
}
