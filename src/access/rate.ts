/** A number of requests per time window. */
export interface Rate {
  requests: number;
  /** Seconds. */
  window: number;
}

/** The rate limit state of a caller after a request. */
export interface RateLimitState {
  allowed: boolean;
  /** Requests that remain right now. */
  remaining: number;
  /** Whole seconds until the full quota is available again. */
  reset: number;
  /** Whole seconds until the next request is allowed; 0 if it is allowed now. */
  retryAfter: number;
}

/** Maximum callers to track; the least recently seen are forgotten and start anew. */
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
