import type { ConcurrencyLimit } from './concurrency-limit.ts';

/** Responses, or seconds, that must have been late before any request is refused: a burst is over by then. */
const sustained = { answers: 1200, seconds: 2 };

/** Minimum of these seconds, however fast responses come; and the seconds of responses that are judged together. */
const [leastSeconds, span] = [0.1, 0.1];

/** Seconds without a refusal after which the service is no longer overloaded. */
const calm = 1;

/** Decides whether requests are refused because those before them wait too long. */
export interface Shedding {
  /** Requests that may be in progress now: `most` unless the service is overloaded. */
  limit(): number;
  isOverloaded(): boolean;
  /**
   * Records a response.
   * @param took seconds since its request had arrived in full
   * @param underWay requests in progress, including this one
   */
  answered(took: number, underWay: number): void;
  refused(): void;
}

/**
 * A standing queue is overload, a draining queue is a burst (Nichols and Jacobson, "Controlling queue delay", ACM Queue
 * 2012). So a burst is answered in full, and refusing begins only when most responses of every span were late and the queue
 * was never short in between; the concurrency limit then decides how many are admitted.
 */
export function createShedding(
  congestion: ConcurrencyLimit,
  { least, most, target }: { least: number; most: number; target: number },
  now: () => number,
): Shedding {
  let begun = now();
  let late = 0;
  let all = 0;
  let lateSince: number | undefined;
  let lateAnswers = 0;
  let overloadedSince: number | undefined;
  let lastRefused = Number.NEGATIVE_INFINITY;

  function settle(): void {
    const time = now();
    if (overloadedSince !== undefined && time - Math.max(overloadedSince, lastRefused) > calm) reset();
    if (time - begun < span) return;
    if (all > 0 && late * 2 <= all) lateSince = undefined;
    else if (all > 0) {
      lateSince ??= begun;
      lateAnswers += all;
    }
    if (lateSince === undefined) lateAnswers = 0;
    else if (isSustained(time - lateSince)) overloadedSince ??= time;
    begun = time;
    late = 0;
    all = 0;
  }

  function isSustained(seconds: number): boolean {
    return seconds >= sustained.seconds || (seconds >= leastSeconds && lateAnswers >= sustained.answers);
  }

  function reset(): void {
    overloadedSince = undefined;
    lateSince = undefined;
    lateAnswers = 0;
    late = 0;
    all = 0;
  }

  return {
    limit() {
      settle();
      return overloadedSince === undefined ? most : congestion.limit();
    },
    isOverloaded: () => overloadedSince !== undefined,
    answered(took, underWay) {
      congestion.record(took, underWay);
      all += 1;
      if (took > target) late += 1;
      // The queue has drained.
      if (underWay <= least && overloadedSince === undefined) reset();
      settle();
    },
    refused() {
      lastRefused = now();
    },
  };
}
