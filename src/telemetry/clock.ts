/**
 * The origin of this thread's `performance.now` on the clock of the process. Both clocks are read a few times and the
 * closest pair counts, because the thread may be interrupted between them.
 */
function originOfThread(): number {
  const readings = Array.from({ length: 10 }, () => {
    const before = performance.now();
    const shared = Number(process.hrtime.bigint()) / 1e6;
    const took = performance.now() - before;
    return { took, origin: shared - before - took / 2 };
  });
  return readings.reduce((best, one) => (one.took < best.took ? one : best)).origin;
}

const origin = originOfThread();

/** Milliseconds on a monotonic clock that all threads of the process share. */
export function now(): number {
  return origin + performance.now();
}

/** Seconds since this thread started, for measurements within the thread. */
export function seconds(): number {
  return performance.now() / 1000;
}

/** Converts a time of `now` to milliseconds since 1970. */
export function toUnix(time: number): number {
  return Date.now() - now() + time;
}
