import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { collecting, type CpuProfile, selfTimes, waiting, type Window } from './cpu-profile.ts';
import { benchOf } from './measure.ts';
import type { Bench, Scenario } from './scenario.ts';

/** Milliseconds that a scenario is repeated for, and rounds at most. */
const duration = 5000;
const mostRounds = 20;
const warmUpRounds = 3;

/** What is shown: groups and functions from these shares of the busy time on, and functions of one group at most. */
const leastGroup = 0.01;
const leastFunction = 0.005;
const mostFunctions = 6;

/** Runs the service's side of a scenario under V8's profiler and shows where its threads spend their time. */
export async function profile(scenario: Scenario, pixels: Bench['pixels']): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'profile-'));
  const bench = benchOf(pixels, { nodeOptions: ['--cpu-prof', `--cpu-prof-dir=${directory}`] });
  try {
    const service = await scenario.prepare(bench, scenario.sides.service);
    for (let warming = 0; warming < warmUpRounds; warming++) await service();
    const window = { from: now(), to: 0 };
    let rounds = 0;
    for (; rounds < mostRounds && now() - window.from < duration * 1000; rounds++) await service();
    window.to = now();
    await bench.stop();
    const requests = rounds * scenario.requests;
    console.log(`${scenario.name}: ${scenario.about}`);
    console.log(`${requests} requests in ${((window.to - window.from) / 1000).toFixed(0)} ms under the profiler`);
    const files = readdirSync(directory);
    // CPU.<date>.<time>.<process>.<thread>.<number>.cpuprofile, and the main thread is 0.
    const isMain = (file: string) => file.split('.')[4] === '0';
    const read = (file: string) => JSON.parse(readFileSync(join(directory, file), 'utf8')) as CpuProfile;
    show('main thread', files.filter(isMain).map(read), window, requests);
    show('other threads', files.filter((file) => !isMain(file)).map(read), window, requests);
  } finally {
    await bench.stop();
    rmSync(directory, { recursive: true });
  }
}

/** The steady clock that V8 takes its samples by. */
function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

/** Prints the own time of functions in their groups: packages, and the rooms of src. */
function show(title: string, profiles: readonly CpuProfile[], window: Window, requests: number): void {
  const groups = new Map<string, Map<string, number>>();
  for (const { place, time } of profiles.flatMap((one) => selfTimes(one, window))) {
    const functions = groups.get(place.group) ?? new Map<string, number>();
    functions.set(place.name, (functions.get(place.name) ?? 0) + time);
    groups.set(place.group, functions);
  }
  groups.delete(waiting);
  const sums = [...groups].map(([group, functions]) => ({ group, functions, time: sum(functions.values()) }));
  const busy = sum(sums.map(({ time }) => time));
  const all = (window.to - window.from) * profiles.length;
  const share = (time: number) => `${((100 * time) / busy).toFixed(1)} %`;
  const line = (time: number, name: string) =>
    console.log(`${(time / requests).toFixed(1).padStart(12)}${share(time).padStart(9)}  ${name}`);
  const collected = sums.find(({ group }) => group === collecting)?.time ?? 0;
  console.log(`\n${title} (${profiles.length}): busy ${((100 * busy) / all).toFixed(0)} % of the time`);
  console.log(`garbage collection is ${share(collected)} of that; own times:\n\n  µs/request    share`);
  for (const { group, functions, time } of sums.toSorted((a, b) => b.time - a.time)) {
    if (time < leastGroup * busy) continue;
    line(time, group);
    if (functions.size === 1) continue;
    const top = [...functions].toSorted(([, a], [, b]) => b - a).slice(0, mostFunctions);
    for (const [name, own] of top) if (own >= leastFunction * busy) line(own, `    ${name}`);
  }
}

function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
