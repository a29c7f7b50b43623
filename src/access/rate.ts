/** So many requests in so many seconds. */
export interface Rate {
  requests: number;
  /** Seconds. */
  window: number;
}

/** Where a caller stands after a request. */
export interface RateLimitState {
  allowed: boolean;
  /** Requests that are left at once. */
  remaining: number;
  /** Whole seconds until all of them are there again. */
  reset: number;
  /** Whole seconds until the next request is allowed; 0 when it is. */
  retryAfter: number;
}

/** Callers that are remembered at most: those who have asked least recently are forgotten, and start anew. */
const maxCallers = 10_000;

/**
 * A token bucket for each caller: it holds `requests`, and fills up evenly within `window`.
 * @returns a function that takes one request of a caller at a time in milliseconds
 */
export function createLimiter({ requests, window }: Rate): (caller: string, now: number) => RateLimitState {
  const buckets = new Map<string, { level: number; at: number }>();
  const perMillisecond = requests / (window * 1000);
  const seconds = (missing: number) => Math.ceil(missing / perMillisecond / 1000);

  return (caller, now) => {
    const { level, at } = buckets.get(caller) ?? { level: requests, at: now };
    const filled = Math.min(requests, level + Math.max(0, now - at) * perMillisecond);
    const allowed = filled >= 1;
    const left = allowed ? filled - 1 : filled;
    buckets.delete(caller);
    if (buckets.size >= maxCallers) buckets.delete(buckets.keys().next().value as string);
    buckets.set(caller, { level: left, at: now });
    return {
      allowed,
      remaining: Math.floor(left),
      reset: seconds(requests - left),
      retryAfter: allowed ? 0 : Math.max(1, seconds(1 - filled)),
    };
  };
}
