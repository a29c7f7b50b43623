/**
 * Where this thread's `performance.now` began, on the clock of the whole process. Read a few times, since a thread that is
 * interrupted between two clocks sees them apart: the closest pair counts.
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

/** Milliseconds on a clock that all threads of the process share, and that nobody sets. */
export function now(): number {
  return origin + performance.now();
}

/** Seconds since this thread began, for what is measured within it. */
export function seconds(): number {
  return performance.now() / 1000;
}

/** What a time on that clock is in milliseconds since 1970. */
export function toUnix(time: number): number {
  return Date.now() - now() + time;
}
