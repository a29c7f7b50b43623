/** Seconds of answers that are looked at together. */
const span = 0.1;

/** By what a limit is multiplied when it was too high for the last span, and the share of the most that it gains otherwise. */
const [fall, rise] = [0.8, 0.02];

/** How many requests may be under way so that none of them waits for long. */
export interface Congestion {
  limit(): number;
  /**
   * Tells of an answer.
   * @param took seconds since its request had arrived in full
   * @param underWay requests, this one included
   */
  answered(took: number, underWay: number): void;
}

/**
 * A limit that follows what the service can do: it falls while even the fastest answer of a while takes longer than it should
 * and rises otherwise (additive increase, multiplicative decrease). As in CoDel (RFC 8289) it is the least time that tells a
 * queue that stands from a burst that passes, and from requests that take long by themselves.
 * @param least requests that are never too many
 * @param most what the limit is to begin with
 * @param target seconds
 * @param now in seconds
 */
export function createCongestion(
  { least, most, target }: { least: number; most: number; target: number },
  now: () => number,
): Congestion {
  let limit = most;
  let begun = now();
  let shortest = Infinity;
  return {
    limit: () => limit,
    answered(took, underWay) {
      shortest = Math.min(shortest, took);
      const elapsed = now() - begun;
      if (elapsed < span) return;
      const isCongested = shortest > target && underWay > least;
      const next = isCongested ? limit * fall : limit + rise * most * Math.floor(elapsed / span);
      limit = Math.min(most, Math.max(least, next));
      begun = now();
      shortest = Infinity;
    },
  };
}
