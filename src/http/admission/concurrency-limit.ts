/** Minimum mean concurrency in a span, as a fraction of `least`, for the span to measure the throughput. */
const busy = 0.5;

/** Seconds of responses that are evaluated together. */
const span = 0.1;

/** Factors of the limit after a span: the minimum, and the increase if latency was within the target. */
const [fall, rise] = [0.25, 1.03];

/** A burst may take this many times the target to answer. */
export const burstFactor = 2;

/** How many requests may be in progress without long waits. */
export interface ConcurrencyLimit {
  limit(): number;
  /**
   * Records a response.
   * @param took seconds since its request had arrived in full
   * @param underWay requests in progress, this one included
   */
  record(took: number, underWay: number): void;
}

/**
 * A limit that adapts to the throughput of the service. By Little's law, latency is proportional to concurrency: if n
 * requests took t, then n · target / t will take the target. The median over a span of responses indicates a standing
 * queue; a short burst does not, and neither do a few slow requests. Under sustained load the throughput is known, so a
 * burst is limited to what can be answered within `burstFactor` × target.
 * @param least number of requests that are always admitted
 * @param most initial limit
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
