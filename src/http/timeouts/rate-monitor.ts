/** Checks from time to time whether a transfer keeps a minimum rate. */
export interface RateMonitor {
  /**
   * @param waits whether the service is waiting for it now
   * @param bytes transferred so far
   * @param now in seconds
   * @returns false if it stayed below the minimum rate for a whole window of waiting
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
