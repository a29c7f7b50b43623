/**
 * Measures what is computed without HTTP, in one thread, beside the memory copy of the same array, NumPy and
 * scikit-learn, in turns:
 *
 *     npm run bench:kernels -- [--only NAME] [--dtype DTYPE] [--size COUNT] [--json FILE]
 *
 * NAME is a method, or one of "l2 rows", "min-max", "z-score apply", "four moments" (the kernels alone, on an array that
 * lies in their memory), "median", "quartiles". Methods are measured with 10^3 and 10^6 values; `--size 1e8` takes a
 * while, and 6 GB for float64.
 */
import { writeFileSync } from 'node:fs';
import { freemem } from 'node:os';
import { parseArgs } from 'node:util';
import { methods } from '#normalizers/registry.ts';
import { withoutModule } from '../../test/python.ts';
import { type Quartiles, quartiles } from '../quartiles.ts';
import { machine, showRatio } from '../report.ts';
import { aloneCases, namesAlone } from './in-kernel.ts';
import { type Case, type Given, givenOf } from './cases.ts';
import { methodCases } from './methods.ts';
import { startPython, type Python } from './python.ts';
import { quantileCases } from './quantiles.ts';
import { inTurns, timed } from './turns.ts';

const text = { type: 'string' } as const;
const { values: options } = parseArgs({ options: { only: text, dtype: text, size: text, json: text } });

interface Group {
  names: readonly string[];
  sizes: readonly number[];
  dtypes: readonly Given['dtype'][];
  cases(given: Given): Case[];
}

const groups: Group[] = [
  {
    names: methods.flatMap(({ name, composition }) => (composition ? [] : name)),
    sizes: options.size ? [Number(options.size)] : [1e3, 1e6],
    dtypes: ['float32', 'float64', 'uint8'],
    cases: methodCases,
  },
  { names: namesAlone, sizes: [1e3, 1e6, 1e8], dtypes: ['float32'], cases: aloneCases },
  { names: ['median', 'quartiles'], sizes: [1e7], dtypes: ['float64', 'uint8'], cases: quantileCases },
];

/** Arrays of this length that are in memory at once, at most: the array, its copies and outputs, here and in Python. */
const arraysInMemory = 8;

interface Row extends Pick<Case, 'what' | 'axis' | 'target'> {
  dtype: string;
  count: number;
  /** Milliseconds. */
  times: Record<string, Quartiles>;
  /** How many times what the copy takes. */
  ratios: Record<string, Quartiles>;
  met?: boolean;
}

async function measure({ dtype, elements }: Given, one: Case, python: Python | undefined): Promise<Row> {
  const { what, axis, target } = one;
  const [from, to] = [elements, elements.slice()] as [Uint8Array, Uint8Array];
  const values = await inTurns({
    memcpy: timed(() => to.set(from)),
    norma: timed(one.compute),
    numpy: async (times) => python?.time('numpy', what, axis, times),
    sklearn: async (times) => python?.time('sklearn', what, axis, times),
  });
  const memcpy = quartiles(values.memcpy).median;
  const of = (summary: (all: number[]) => Quartiles) =>
    Object.fromEntries(Object.entries(values).map(([side, all]) => [side, summary(all)]));
  const times = of(quartiles);
  const ratios = of((all) => quartiles(all.map((value) => value / memcpy)));
  const row: Row = { what, axis, dtype, count: elements.length, times, ratios };
  if (!target) return row;
  const most = 'memcpy' in target ? target.memcpy : target.numpy * (ratios.numpy?.median ?? Infinity);
  return { ...row, target, met: ratios.norma.median <= most };
}

function show({ what, axis, dtype, count, times, ratios, target, met }: Row): string {
  const name = `${what}, axis ${axis}, ${dtype}, ${showCount(count)}`;
  const others = [ratios.norma, ratios.numpy, ratios.sklearn].map(showTimes);
  return line(name, `${times.memcpy.median.toPrecision(3)} ms`, ...others, verdict(target, met));
}

function showTimes(ratio: Quartiles | undefined): string {
  if (!ratio || ratio.median < 100) return showRatio(ratio);
  return `${ratio.median.toFixed(0)} (${ratio.p25.toFixed(0)}..${ratio.p75.toFixed(0)})`;
}

function verdict(target: Case['target'], met: boolean | undefined): string {
  if (!target) return '';
  return `at most ${'memcpy' in target ? `${target.memcpy} x memcpy` : "NumPy's"}: ${met ? 'ok' : 'MISSED'}`;
}

function showCount(count: number): string {
  return `10^${Math.log10(count)}`;
}

function line(...cells: string[]): string {
  return cells
    .map((cell, at) => cell.padEnd([40, 15, 28, 28, 28, 0][at]))
    .join('')
    .trimEnd();
}

const about = machine();
console.log(`${about.date}, node ${about.node}, ${about.cores} x ${about.cpu}, load ${about.load.toFixed(1)}`);
console.log('one thread; times the memory copy of the same array, quartiles in parentheses');
const noNumpy = withoutModule('numpy', 'python3-numpy');
const missing = [noNumpy, withoutModule('sklearn', 'python3-sklearn'), withoutModule('scipy', 'python3-scipy')];
for (const reason of missing) if (reason) console.log(`NO PEER: ${reason}`);
console.log(`\n${line('', 'memcpy', 'Norma', 'NumPy', 'scikit-learn, SciPy', 'target')}`);

const python = noNumpy ? undefined : startPython();
const rows: Row[] = [];
for (const { names, sizes, dtypes, cases } of groups) {
  if (options.only && !names.includes(options.only)) continue;
  for (const size of sizes.filter((one) => !options.size || one === Number(options.size))) {
    for (const dtype of dtypes.filter((one) => !options.dtype || one === options.dtype)) {
      if (freemem() < size * arraysInMemory * 8) {
        console.log(`${dtype}, ${showCount(size)}: skipped, there is not enough memory`);
        continue;
      }
      const given = givenOf(dtype, size);
      await python?.load(given.elements, given.shape);
      for (const one of cases(given).filter(({ what }) => !options.only || what === options.only)) {
        const row = await measure(given, one, python);
        console.log(show(row));
        rows.push(row);
      }
    }
  }
}
python?.stop();
if (options.json) writeFileSync(options.json, `${JSON.stringify({ ...about, rows }, null, 2)}\n`);
