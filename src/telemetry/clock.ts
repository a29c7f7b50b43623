/** Where this thread's `performance.now` began, on the clock of the whole process. */
const origin = Number(process.hrtime.bigint()) / 1e6 - performance.now();

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
