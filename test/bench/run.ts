/**
 * Measures the service beside servers that do the least there is to do, and beside a service in Python, in turns, on this
 * machine:
 *
 *     npm run bench -- [--only NAME] [--quick] [--json FILE] [--mnist FILE]
 *     npm run bench -- --profile NAME
 *
 * --mnist is MNIST's train-images-idx3-ubyte, gzipped or not; the environment's MNIST does as well. Without it the
 * pixels are invented. About four minutes in all, one with --quick.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { inventPixels, readPixels } from './data.ts';
import { benchOf, measure, withoutPeer } from './measure.ts';
import { profile } from './profile.ts';
import { heading, machine, type Row, showRows, toRows } from './report.ts';
import type { Scenario } from './scenario.ts';
import { named, scenarios } from './scenarios.ts';

const text = { type: 'string' } as const;
const { values: options } = parseArgs({
  options: { only: text, json: text, profile: text, mnist: text, quick: { type: 'boolean' } },
});

let known: Uint8Array | undefined;
const file = options.mnist ?? process.env.MNIST;
function pixels(): Uint8Array {
  known ??= file ? readPixels(file) : inventPixels();
  return known;
}

async function run(chosen: readonly Scenario[]): Promise<void> {
  const about = { ...machine(), pixels: file ? 'MNIST' : 'invented' };
  console.log(
    `${about.date}, node ${about.node}, ${about.cores} x ${about.cpu}, ${about.system}, load ${about.load.toFixed(1)}`,
  );
  const noPeer = withoutPeer();
  if (noPeer) console.log(`NO PEER: ${noPeer}`);
  console.log(`pixels: ${about.pixels}; medians, quartiles in parentheses\n\n${heading}`);
  const results: Record<string, Row[]> = {};
  for (const scenario of chosen) {
    const bench = benchOf(pixels);
    try {
      const rows = toRows(scenario, await measure(scenario, bench, options.quick ?? false, !noPeer));
      console.log(showRows(scenario, rows));
      results[scenario.name] = rows;
    } catch (error) {
      console.error(`${scenario.name} failed: ${(error as Error).message}`);
      process.exitCode = 1;
    } finally {
      await bench.stop();
    }
  }
  if (options.json) writeFileSync(options.json, `${JSON.stringify({ ...about, results }, null, 2)}\n`);
}

if (options.profile) await profile(named(options.profile), pixels);
else await run(options.only ? [named(options.only)] : scenarios);
