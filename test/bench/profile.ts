import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { benchOf } from './measure.ts';
import type { Bench, Scenario } from './scenario.ts';

/** V8's `.cpuprofile`: the calls as a tree, and the node of each sample. Times are microseconds of a steady clock. */
interface CpuProfile {
  nodes: { id: number; callFrame: { functionName: string; url: string; lineNumber: number } }[];
  startTime: number;
  samples: number[];
  timeDeltas: number[];
}

/** Milliseconds that a scenario is repeated for, and rounds at most. */
const duration = 5000;
const mostRounds = 20;

/** Functions that are shown of each kind of thread. */
const shown = 22;

/** Runs the service's side of a scenario under V8's profiler and shows where its threads spend their time. */
export async function profile(scenario: Scenario, pixels: Bench['pixels']): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'profile-'));
  const bench = benchOf(pixels, { nodeOptions: ['--cpu-prof', `--cpu-prof-dir=${directory}`] });
  try {
    const service = await scenario.prepare(bench, scenario.sides.service);
    for (let warming = 0; warming < 3; warming++) await service();
    const from = now();
    let rounds = 0;
    while (rounds < mostRounds && now() - from < duration * 1000) {
      console.log(JSON.stringify(await service()));
      rounds += 1;
    }
    const window = { from, to: now() };
    await bench.stop();
    console.log(
      `\n${scenario.name}: ${rounds} rounds in ${((window.to - from) / 1000).toFixed(0)} ms under the profiler`,
    );
    const files = readdirSync(directory);
    // CPU.<date>.<time>.<process>.<thread>.<number>.cpuprofile, and the main thread is 0.
    const isMain = (file: string) => file.split('.')[4] === '0';
    showThreads('main thread', directory, files.filter(isMain), window, rounds);
    showThreads(
      'workers',
      directory,
      files.filter((file) => !isMain(file)),
      window,
      rounds,
    );
  } finally {
    await bench.stop();
    rmSync(directory, { recursive: true });
  }
}

/** The steady clock that V8 takes its samples by. */
function now(): number {
  return Number(process.hrtime.bigint() / 1000n);
}

function showThreads(
  title: string,
  directory: string,
  files: string[],
  window: { from: number; to: number },
  rounds: number,
): void {
  const total = new Map<string, number>();
  for (const file of files) addSelfTimes(JSON.parse(readFileSync(join(directory, file), 'utf8')), window, total);
  const all = [...total.values()].reduce((sum, time) => sum + time, 0);
  console.log(`\n${title} (${files.length}): self time, ms per round\n`);
  const top = [...total].sort(([, a], [, b]) => b - a).slice(0, shown);
  for (const [name, time] of top) {
    const share = `${((100 * time) / all).toFixed(1)} %`;
    console.log(`${(time / 1000 / rounds).toFixed(2).padStart(9)}${share.padStart(9)}  ${name}`);
  }
}

/** Adds each function's own time within the window. */
function addSelfTimes(
  { nodes, startTime, samples, timeDeltas }: CpuProfile,
  { from, to }: { from: number; to: number },
  total: Map<string, number>,
): void {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]));
  let time = startTime;
  samples.forEach((sample, at) => {
    time += timeDeltas[at];
    const name = names.get(sample) as string;
    // A sample stands for the time until the next one.
    if (time >= from && time < to) total.set(name, (total.get(name) ?? 0) + (timeDeltas[at + 1] ?? 0));
  });
}

function nameOf({ functionName, url, lineNumber }: CpuProfile['nodes'][number]['callFrame']): string {
  const place = url
    .replace(/^.*\/(node_modules|src)\//, (_, room) => (room === 'src' ? 'src/' : ''))
    .replace(/^wasm:.*/, 'wasm');
  return `${functionName || '(anonymous)'}${place ? `  ${place}:${lineNumber + 1}` : ''}`;
}
