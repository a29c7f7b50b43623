/** Time constant in seconds of the exponential average of the throughput. */
const memory = 10;

/** Minimum and maximum Retry-After in seconds. */
const [leastWait, mostWait] = [1, 60];

/** The share of the bytes that one caller may have, and the one that is kept for small requests. */
const [callerShare, smallShare] = [3 / 4, 1 / 8];

/** The share of the requests that a caller may add when the queue is full of the requests of others. */
const newcomerShare = 1 / 4;

/** Maximum bytes of a small request. */
const smallRequestBytes = 2 ** 16;

/** What a request occupies of the queue until it is answered. */
export interface Reservation {
  /**
   * Reserves bytes of the body as they are held. If there is no room, it returns false and releases everything, so that of
   * several growing requests some succeed.
   */
  grow(bytes: number): boolean;
  /** Counts it among the requests, once its body is complete: an upload in progress occupies no place. */
  arrive(): void;
  release(): void;
}

/** All admitted requests that have not been answered yet. */
export interface Backlog {
  /**
   * Admits a request of this many bytes, if there is room; it reserves none of them yet. A single request is always admitted.
   * @param caller whose share it takes
   * @param mostRequests a temporarily lower limit of requests
   */
  admit(wanted: number, caller: string, mostRequests?: number): Reservation | undefined;
  /** Number of admitted requests. */
  requests(): number;
  /** Bytes of bodies that are held now. */
  bytes(): number;
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
  const callers = new Map<string, Share>();
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
    bytes: () => bytes,
    admit(wanted, caller, mostRequests = most.requests) {
      const share = callers.get(caller) ?? { bytes: 0, requests: 0, places: 0 };
      const isSmall = wanted <= smallRequestBytes;
      const room = most.bytes * (isSmall ? 1 : 1 - smallShare);
      const fits = (more: number, taken: number) =>
        bytes === taken ||
        (bytes + more <= room && (isSmall || share.bytes === taken || share.bytes + more <= callerShare * most.bytes));
      // A caller with few requests is admitted even if the queue is full of the requests of others.
      const isFull =
        requests >= mostRequests && (share.requests === requests || share.requests >= newcomerShare * mostRequests);
      if (isFull || requests >= mostRequests * (1 + newcomerShare)) return undefined;
      if (!fits(Math.min(wanted, room), 0)) return undefined;
      let taken = 0;
      let hasArrived = false;
      let isReleased = false;
      share.places += 1;
      callers.set(caller, share);
      const add = (more: number) => {
        bytes += more;
        share.bytes += more;
        taken += more;
      };
      return {
        grow(more) {
          const next = Math.min(most.bytes * (1 - smallShare), taken + more) - taken;
          if (isReleased || next <= 0) return true;
          const isRoom = fits(next, taken);
          add(isRoom ? next : -taken);
          return isRoom;
        },
        arrive() {
          if (hasArrived || isReleased) return;
          hasArrived = true;
          requests += 1;
          share.requests += 1;
        },
        release() {
          if (isReleased) return;
          isReleased = true;
          decay();
          drained.bytes += taken;
          drained.requests += 1;
          if (hasArrived) {
            requests -= 1;
            share.requests -= 1;
          }
          add(-taken);
          share.places -= 1;
          if (share.places === 0) callers.delete(caller);
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

/** What one caller occupies of the queue. */
interface Share {
  bytes: number;
  requests: number;
  /** Admitted requests, including uploads in progress. */
  places: number;
}

/** With a rate of 0, nothing has finished yet and the time is unknown. */
function timeFor(amount: number, rate: number): number {
  return rate > 0 ? amount / rate : 0;
}
