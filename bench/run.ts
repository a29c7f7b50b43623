import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { heading as headingOfChanges, measureAgainst, showChanges } from './compare-revisions.ts';
import { checkOut } from './checkout.ts';
import { inventPixels, readPixels } from './data.ts';
import { benchOf, measure, withoutPeer } from './measure.ts';
import { profile } from './profile.ts';
import { heading, machine, showRows, toRows } from './report.ts';
import type { Scenario } from './scenario.ts';
import { named, scenarios } from './scenarios.ts';

const usage = `Measures the service beside servers that do the least there is to do, and beside a service in Python, in turns, on this
machine:

    npm run bench -- [--only NAME] [--quick] [--json FILE] [--mnist FILE]
    npm run bench -- --against REVISION [--only NAME] …    beside itself at another revision of git
    npm run bench -- --profile NAME                        where the time of one scenario goes

--mnist is MNIST's train-images-idx3-ubyte, gzipped or not; the environment's MNIST does as well. Without it the
pixels are invented. About four minutes in all, one with --quick. The scenarios:

${scenarios.map(({ name, about }) => `    ${name.padEnd(16)}${about}`).join('\n')}`;

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const { values: options } = parseArgs({
  options: { only: text, against: text, profile: text, json: text, mnist: text, quick: flag, help: flag },
});
const quick = options.quick ?? false;

let known: Uint8Array | undefined;
const file = options.mnist ?? process.env.MNIST;
function pixels(): Uint8Array {
  known ??= file ? readPixels(file) : inventPixels();
  return known;
}

/** A part of the table: what is printed, and what goes into the JSON. */
interface Part {
  shown: string;
  rows: unknown;
}

async function besideOthers(scenario: Scenario, peer: boolean): Promise<Part> {
  const bench = benchOf(pixels);
  try {
    const rows = toRows(scenario, await measure(scenario, bench, quick, peer));
    return { shown: showRows(scenario, rows), rows };
  } finally {
    await bench.stop();
  }
}

async function besideItself(scenario: Scenario, root: string): Promise<Part> {
  const changes = await measureAgainst(root, scenario, pixels, quick);
  return { shown: showChanges(scenario, changes), rows: changes };
}

async function run(chosen: readonly Scenario[]): Promise<void> {
  const about = { ...machine(), pixels: file ? 'MNIST' : 'invented', against: options.against };
  const { date, node, cores, cpu, system, load } = about;
  console.log(`${date}, node ${node}, ${cores} x ${cpu}, ${system}, load ${load.toFixed(1)}`);
  console.log(`pixels: ${about.pixels}; medians, quartiles in parentheses`);
  const root = options.against && checkOut(options.against);
  const noPeer = root ? false : withoutPeer();
  if (noPeer) console.log(`NO PEER: ${noPeer}`);
  console.log(`\n${root ? headingOfChanges : heading}`);
  const results: Record<string, unknown> = {};
  for (const scenario of chosen) {
    try {
      const part = await (root ? besideItself(scenario, root) : besideOthers(scenario, !noPeer));
      console.log(part.shown);
      results[scenario.name] = part.rows;
    } catch (error) {
      console.error(`${scenario.name} failed: ${(error as Error).message}`);
      process.exitCode = 1;
    }
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ ...about, results }, null, 2)}\n`);
}

try {
  if (options.help) console.log(usage);
  else if (options.profile) await profile(named(options.profile), pixels);
  else await run(options.only ? [named(options.only)] : scenarios);
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
