/** Does something `times` times, and gives the milliseconds of each; nothing where there is no such thing to do. */
export type Timed = (times: number) => Promise<number | undefined>;

/** Milliseconds that one measurement takes at least, so that the clock is fine enough, and all of one side's at most. */
const leastMeasured = 2;
const budget = 250;

/** Milliseconds from which something is slow: what is not takes part in this many rounds at least. */
const slow = 1000;
const leastRounds = 3;

/** Milliseconds until code is compiled and memory is touched, about. */
const warmUp = 150;

const mostRounds = 11;

/** Measures in turns; each once at least. What warms up counts for what is slow. */
export async function inTurns(sides: Record<string, Timed>): Promise<Record<string, number[]>> {
  const measured: { name: string; timed: Timed; times: number; values: number[]; spent: number }[] = [];
  for (const [name, timed] of Object.entries(sides)) {
    const until = performance.now() + warmUp;
    let once = await timed(1);
    while (once !== undefined && performance.now() < until) once = await timed(1);
    if (once === undefined) continue;
    const times = Math.ceil(leastMeasured / Math.max(once, 1e-5));
    measured.push({ name, timed, times, values: once > slow ? [once] : [], spent: once });
  }
  for (let round = 0; round < mostRounds; round++) {
    for (const side of measured) {
      if (side.spent > budget && side.values.length >= (side.values[0] > slow ? 1 : leastRounds)) continue;
      const each = (await side.timed(side.times)) as number;
      side.values.push(each);
      side.spent += each * side.times;
    }
  }
  return Object.fromEntries(measured.map(({ name, values }) => [name, values]));
}

/** Times a function of this process. */
export function timed(work: () => unknown): Timed {
  return async (times) => {
    const started = performance.now();
    for (let time = 0; time < times; time++) {
      const result = work();
      if (result instanceof Promise) await result;
    }
    return (performance.now() - started) / times;
  };
}
