// Regenerates every number and figure of which-normalization.md: `npm run study -- FOLDER`, the folder that MNIST's four
// files are in. Without them nothing is done.
import { readFileSync, writeFileSync } from 'node:fs';
import { type Conditioning, conditioningOf } from '#evidence/conditioning.ts';
import { addGram } from '#evidence/gram.ts';
import { mcnemar } from '#evidence/mcnemar.ts';
import { columnMeans, type Matrix } from '#evidence/matrix.ts';
import { findNearest, neighborCount, orderStretches, voteClasses } from '#evidence/nearest-neighbors.ts';
import { batchSize, createNetwork, stepsPerPoint } from '#evidence/network.ts';
import { aucPerClass, rowNorms, spreadOf } from '#evidence/norms.ts';
import { predictNetwork, trainNetwork } from '#evidence/train-network.ts';
import { candidates, describeOutput, normalizeDigits, pixelCount } from './candidates.ts';
import { drawCurvesFigure, drawDigits } from './figures.ts';
import { type Digits, readDigits } from './mnist.ts';

const classes = 10;
const hidden = 32;
const rates = [0.01, 0.1, 1];
const seeds = [1, 2, 3];

/** Training images and test images that k-NN looks at: from the first on. */
const neighbors = { train: 20_000, test: 2000 };

/** What is found out about one candidate. */
interface Result {
  name: string;
  conditioning: Conditioning;
  /** Per rate, per seed. */
  accuracies: number[][];
  /** Per rate, of the first seed. */
  curves: { curve: number[]; hasDiverged: boolean }[];
  /** Which of the tested images k-NN got right. */
  right: boolean[];
  /** The first images, and the least and greatest value of all. */
  shown: Float64Array;
  range: [number, number];
}

const document = new URL('which-normalization.md', import.meta.url);
const figures = new URL('figures/', import.meta.url);

const [folder] = process.argv.slice(2);
const train = folder ? readDigits(folder, 'train') : undefined;
const test = folder ? readDigits(folder, 'test') : undefined;
if (train && test) await study(train, test);
else console.log('Skipped: MNIST is not here. npm run study -- FOLDER, the folder that its four files are in.');

async function study(train: Digits, test: Digits): Promise<void> {
  const labels = Float64Array.from([...train.labels, ...test.labels]);
  const results: Result[] = [];
  for (const candidate of candidates) {
    const x = await normalizeDigits(candidate, train, test);
    results.push({ name: candidate.name, ...examine(x, labels, train.count) });
    console.log(candidate.name);
  }
  const norms = rowNorms({ values: Float64Array.from(train.pixels), rows: train.count, columns: pixelCount });
  const tables = {
    moments: await momentsTable(train),
    candidates: candidatesTable(results),
    learning: learningTable(results),
    neighbors: neighborsTable(results),
    norms: normsTable(norms, train),
  };
  let text = readFileSync(document, 'utf8');
  for (const [name, table] of Object.entries(tables))
    text = text.replace(
      new RegExp(`(<!-- begin ${name} -->\n)[^]*?(<!-- end ${name} -->)`),
      (_, begin: string, end: string) => `${begin}${table}\n${end}`,
    );
  writeFileSync(document, text);
  writeFileSync(new URL('digits.png', figures), drawDigits(results));
  writeFileSync(new URL('curves.svg', figures), drawCurvesFigure(results, rates, stepsPerPoint));
}

function examine(x: Matrix, labels: Float64Array, trained: number): Omit<Result, 'name'> {
  const train = Uint32Array.from({ length: trained }, (_, i) => i);
  const test = Uint32Array.from({ length: x.rows - trained }, (_, i) => trained + i);
  const gram = new Float64Array(x.columns * x.columns);
  addGram(gram, x, train, new Float64Array(x.columns));
  const sums = columnMeans(x, train).map((mean) => mean * trained);
  const curves: Result['curves'] = [];
  const accuracies = rates.map((rate) =>
    seeds.map((seed) => {
      const network = createNetwork(x.columns, hidden, classes, rate, seed);
      const steps = Math.floor(trained / batchSize / stepsPerPoint) * stepsPerPoint;
      trainNetwork(network, x, { values: labels, classCount: classes }, train, steps, seed);
      if (seed === seeds[0]) curves.push(network);
      if (network.hasDiverged) return Number.NaN;
      const predicted = predictNetwork(network, x, test, true);
      return predicted.filter((label, i) => label === labels[test[i]]).length / test.length;
    }),
  );
  const some = train.subarray(0, neighbors.train);
  const asked = test.subarray(0, neighbors.test);
  const found = findNearest(x, some, asked, neighborCount, orderStretches(x, some));
  const voted = voteClasses(found, neighborCount, labels, classes);
  return {
    conditioning: conditioningOf(gram, sums, trained),
    accuracies,
    curves,
    right: Array.from(voted, (label, i) => label === labels[asked[i]]),
    shown: x.values.slice(0, 8 * pixelCount),
    range: x.values.reduce(
      ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
      [Infinity, -Infinity],
    ),
  };
}

async function momentsTable(train: Digits): Promise<string> {
  const rows = [];
  for (const { name, normalizer } of candidates.slice(1, 5)) {
    const { output } = (await describeOutput(normalizer, train)) ?? {};
    if (!output) throw new Error('There are no statistics.');
    const { min, max, mean, variance, skewness, kurtosis } = output.description;
    const cells = [mean, variance, skewness, kurtosis].map(([value]) => String(Number(value.toPrecision(8))));
    rows.push(row(name, `(${short(min[0], 8)}, ${short(max[0], 8)})`, ...cells));
  }
  return table(['', 'minmax', 'mean', 'variance', 'skewness', 'kurtosis'], rows);
}

function candidatesTable(results: readonly Result[]): string {
  const rows = results.map(
    ({ name, conditioning: { maxEigenvalue, minEigenvalue, conditionNumber, maxLearningRate, rank } }) =>
      row(
        name,
        ...[maxEigenvalue, minEigenvalue, conditionNumber, maxLearningRate].map((value) => short(value, 3)),
        String(rank),
      ),
  );
  return table(['', 'λmax', 'λmin', 'condition number', 'largest step 2 / λmax', 'directions that vary'], rows);
}

function learningTable(results: readonly Result[]): string {
  const rows = results.map(({ name, accuracies }) =>
    row(
      name,
      ...accuracies.map((seeds) => {
        if (seeds.some(Number.isNaN)) return 'diverged';
        const mean = seeds.reduce((sum, one) => sum + one / seeds.length, 0);
        const deviation = Math.sqrt(seeds.reduce((sum, one) => sum + (one - mean) ** 2 / (seeds.length - 1), 0));
        return `${(100 * mean).toFixed(1)} ± ${(100 * deviation).toFixed(1)} %`;
      }),
    ),
  );
  return table(['', ...rates.map((rate) => `learning rate ${rate}`)], rows);
}

function neighborsTable(results: readonly Result[]): string {
  const counts = results.map(({ right }) => right.filter(Boolean).length);
  const best = counts.indexOf(Math.max(...counts));
  const rows = results.map(({ name, right }, i) => {
    const onlyBest = right.filter((one, at) => !one && results[best].right[at]).length;
    const onlyThis = right.filter((one, at) => one && !results[best].right[at]).length;
    const p = i === best ? 'the best' : `p = ${short(mcnemar(onlyBest, onlyThis), 2)}`;
    return row(name, `${counts[i]} of ${right.length}`, p);
  });
  return table(['', 'right', 'exact McNemar'], rows);
}

function normsTable(norms: Float64Array, { labels }: Digits): string {
  const { min, median, max, variation } = spreadOf(norms);
  const head = row('least', 'median', 'greatest', 'deviation / mean');
  const areas = aucPerClass(norms, labels, classes).map((area) => short(area, 2));
  return [
    table(
      ['the norms of the images', '', '', ''],
      [head, row(...[min, median, max, variation].map((value) => short(value, 4)))],
    ),
    '',
    table(['digit', ...areas.map((_, digit) => String(digit))], [row('AUC of the norm', ...areas)]),
  ].join('\n');
}

function table(head: string[], rows: string[]): string {
  return [row(...head), row(...head.map(() => '---')), ...rows].join('\n');
}

function row(...cells: string[]): string {
  return `| ${cells.join(' | ')} |`;
}

function short(value: number, digits: number): string {
  const rounded = Number(value.toPrecision(digits));
  return Math.abs(rounded) >= 1e5 ? rounded.toExponential() : String(rounded);
}
