/** Seconds over which the speed of the queue is averaged: what finished longer ago counts less and less. */
const memory = 10;

/** Seconds that a client is told to wait at least, and at most. */
const [leastWait, mostWait] = [1, 60];

/** What a request takes of the queue until it is answered. */
export interface Reservation {
  /**
   * Takes more, as the bytes of a body of unknown length come; false when there is no more. Then what it had is given up:
   * of several that grow at the same time some find room.
   */
  grow(bytes: number): boolean;
  release(): void;
}

/** All requests that have been admitted and not yet answered. */
export interface Backlog {
  /**
   * A place for a request of so many bytes, if there is one. A request alone always has one.
   * @param mostRequests when they are fewer now than at any time
   */
  admit(bytes: number, mostRequests?: number): Reservation | undefined;
  /** How many requests have a place. */
  requests(): number;
  /** Seconds until what is admitted now is done, at the speed of the last seconds. */
  retryAfter(): number;
}

/**
 * @param most bytes and requests at once
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
      // How much of the average's memory there has been yet.
      const span = memory * (1 - Math.exp((begun - now()) / memory));
      const time = Math.max(timeFor(bytes, drained.bytes / span), timeFor(requests, drained.requests / span));
      return Math.min(mostWait, Math.max(leastWait, Math.ceil(time)));
    },
  };
}

/** Nothing has been done yet where the rate is 0: then nobody knows. */
function timeFor(amount: number, rate: number): number {
  return rate > 0 ? amount / rate : 0;
}
