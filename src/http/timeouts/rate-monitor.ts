/** Looks, from time to time, whether something that is waited for keeps up its pace. */
export interface RateMonitor {
  /**
   * @param waits whether it is waited for now
   * @param bytes what it has done so far
   * @param now in seconds
   * @returns false when it did less than the least rate for a whole window of waiting
   */
  keptUp(waits: boolean, bytes: number, now: number): boolean;
}

/** @param window seconds */
export function createRateMonitor(leastRate: number, window: number): RateMonitor {
  let since = Number.NaN;
  let from = 0;
  return {
    keptUp(waits, bytes, now) {
      if (!waits) {
        since = Number.NaN;
        return true;
      }
      const waited = now - since;
      if (waited < window) return true;
      const kept = Number.isNaN(since) || bytes - from >= leastRate * waited;
      since = now;
      from = bytes;
      return kept;
    },
  };
}
