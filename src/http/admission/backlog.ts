/** Time constant in seconds of the exponential average of the throughput. */
const memory = 10;

/** Minimum and maximum Retry-After in seconds. */
const [leastWait, mostWait] = [1, 60];

/** What a request occupies of the queue until it is answered. */
export interface Reservation {
  /**
   * Reserves more as a body of undeclared length arrives. If there is no room, it returns false and releases
   * everything, so that of several growing requests some succeed.
   */
  grow(bytes: number): boolean;
  release(): void;
}

/** All admitted requests that have not been answered yet. */
export interface Backlog {
  /**
   * Reserves room for a request of this many bytes, if there is room. A single request is always admitted.
   * @param mostRequests a temporarily lower limit of requests
   */
  admit(bytes: number, mostRequests?: number): Reservation | undefined;
  /** Number of admitted requests. */
  requests(): number;
  /** Seconds until the admitted requests are done, at the recent throughput. */
  retryAfter(): number;
}

/**
 * @param most maximum bytes and requests
 * @param now in seconds
 */
export function createBacklog(most: { bytes: number; requests: number }, now: () => number): Backlog {
  let bytes = 0;
  let requests = 0;
  const drained = { bytes: 0, requests: 0 };
  const begun = now();
  let updated = begun;

  function decay(): void {
    const fade = Math.exp((updated - now()) / memory);
    updated = now();
    drained.bytes *= fade;
    drained.requests *= fade;
  }

  return {
    requests: () => requests,
    admit(wanted, mostRequests = most.requests) {
      const size = Math.min(wanted, most.bytes);
      if (requests >= mostRequests || bytes + size > most.bytes) return undefined;
      let taken = size;
      bytes += taken;
      requests += 1;
      return {
        grow(more) {
          const next = Math.min(most.bytes, taken + more) - taken;
          if (bytes + next > most.bytes) {
            bytes -= taken;
            taken = 0;
            return false;
          }
          bytes += next;
          taken += next;
          return true;
        },
        release() {
          decay();
          drained.bytes += taken;
          drained.requests += 1;
          bytes -= taken;
          requests -= 1;
          taken = 0;
        },
      };
    },
    retryAfter() {
      decay();
      // How much of the averaging window has elapsed so far.
      const span = memory * (1 - Math.exp((begun - now()) / memory));
      const time = Math.max(timeFor(bytes, drained.bytes / span), timeFor(requests, drained.requests / span));
      return Math.min(mostWait, Math.max(leastWait, Math.ceil(time)));
    },
  };
}

/** With a rate of 0, nothing has finished yet and the time is unknown. */
function timeFor(amount: number, rate: number): number {
  return rate > 0 ? amount / rate : 0;
}
