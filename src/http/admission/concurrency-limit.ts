/** The part of the least that must have waited, by Little's law, for a span to tell how fast the service is. */
const busy = 0.5;

/** Seconds of answers that are looked at together. */
const span = 0.1;

/** By what the limit is multiplied after a span: at least, and where requests did not wait for too long. */
const [fall, rise] = [0.25, 1.03];

/** How many times the target all requests that are admitted at once may take. */
export const burstFactor = 2;

/** How many requests may be under way so that none of them waits for long. */
export interface ConcurrencyLimit {
  limit(): number;
  /**
   * Tells of an answer.
   * @param took seconds since its request had arrived in full
   * @param underWay requests, this one included
   */
  record(took: number, underWay: number): void;
}

/**
 * A limit that follows what the service can do. By Little's law requests wait in proportion to how many are under way: where
 * n waited for t, n · target / t will wait for the target. The median of a span of answers tells of a queue that stands; a
 * burst is over before it does, and some requests that take long by themselves do not move it. A service that has been busy knows
 * how fast it is: of a burst it takes what it can answer in `burst` times the target.
 * @param least requests that are never too many
 * @param most what the limit is to begin with
 * @param target seconds
 * @param now in seconds
 */
export function createConcurrencyLimit(
  { least, most, target }: { least: number; most: number; target: number },
  now: () => number,
): ConcurrencyLimit {
  let limit = most;
  let begun = now();
  let peak = 0;
  let times: number[] = [];

  function settle(): void {
    const elapsed = now() - begun;
    if (elapsed < span) return;
    const median = times.sort((one, other) => one - other)[times.length >> 1] ?? 0;
    let next = limit;
    if (median <= target) next = limit * rise ** (elapsed / span);
    else if (peak > least) next = Math.min(limit, peak) * Math.max(fall, target / median);
    const rate = times.length / elapsed;
    if (Math.min(peak, rate * median) >= busy * least) next = Math.min(next, rate * burstFactor * target);
    limit = Math.min(most, Math.max(least, next));
    begun = now();
    peak = 0;
    times = [];
  }

  return {
    limit() {
      settle();
      return limit;
    },
    record(took, underWay) {
      times.push(took);
      peak = Math.max(peak, underWay);
      settle();
    },
  };
}
