/**
 * The table of moments before and after normalizing MNIST's training images, from the service, checked twice: against
 * the table as SciPy printed it, and against sums of the exact quotients that are computed here.
 *
 *     node test/mnist.ts train-images-idx3-ubyte.gz [URL]
 *
 * Without a URL the service is started for it.
 */
import { readFileSync } from 'node:fs';
import { images, isGzip, pixelsPerImage, readPixels, toNpy } from '../bench/data.ts';
import { startServer } from '../bench/servers.ts';

type Figure = 'min' | 'max' | 'mean' | 'variance' | 'skewness' | 'kurtosis';
type Moments = Record<Figure, number>;

/** Each image's values, one image after the other, in one array that is reused. */
type Rows = () => Generator<Float64Array>;

interface Method {
  title: string;
  /** What the normalizer's query is for images of a shape. */
  query: { idx: string; npy: string };
  quotients(pixels: Uint8Array): Rows;
  /** SciPy's scipy.stats.describe on float32 values, as it was printed. */
  printed: Moments;
}

/** Relative differences that are allowed: the printed table comes from float32 sums. */
const allowed = { printed: 2e-6, exact: 1e-9 };

const methods: Method[] = [
  {
    title: 'minmax, whole array',
    query: { idx: 'method=minmax&axis=null', npy: 'method=minmax&axis=null' },
    quotients: (pixels) => eachImage(pixels, () => 255),
    printed: {
      min: 0,
      max: 1,
      mean: 0.13066062,
      variance: 0.09493039,
      skewness: 2.151106357574463,
      kurtosis: 2.9144181812310546,
    },
  },
  {
    title: 'L2, per image',
    query: { idx: 'method=norm&axis=1,2', npy: 'method=norm&axis=-1' },
    quotients: (pixels) => eachImage(pixels, lengthOf),
    printed: {
      min: 0,
      max: 0.27902707,
      mean: 0.013792945,
      variance: 0.0010852652,
      skewness: 2.296393632888794,
      kurtosis: 3.9849276836080234,
    },
  },
];

/** The Euclidean length of an image; the squares of bytes add up without rounding. */
function lengthOf(image: Uint8Array): number {
  return Math.sqrt(image.reduce((sum, pixel) => sum + pixel * pixel, 0)) || 1;
}

function eachImage(pixels: Uint8Array, divisorOf: (image: Uint8Array) => number): Rows {
  return function* () {
    const row = new Float64Array(pixelsPerImage);
    for (let at = 0; at < pixels.length; at += pixelsPerImage) {
      const image = pixels.subarray(at, at + pixelsPerImage);
      const divisor = divisorOf(image);
      for (let index = 0; index < pixelsPerImage; index++) row[index] = image[index] / divisor;
      yield row;
    }
  };
}

/** The moments of all values as SciPy defines them, with compensated sums. */
function momentsOf(rows: Rows): Moments {
  const n = images * pixelsPerImage;
  let [min, max] = [Infinity, -Infinity];
  const sum = new Sum();
  for (const row of rows()) {
    for (const value of row) {
      if (value < min) min = value;
      if (value > max) max = value;
      sum.add(value);
    }
  }
  const mean = sum.total() / n;
  const [sum2, sum3, sum4] = [new Sum(), new Sum(), new Sum()];
  for (const row of rows()) {
    for (const value of row) {
      const centred = value - mean;
      const square = centred * centred;
      sum2.add(square);
      sum3.add(square * centred);
      sum4.add(square * square);
    }
  }
  const m2 = sum2.total() / n;
  const skewness = sum3.total() / n / m2 ** 1.5;
  return { min, max, mean, variance: sum2.total() / (n - 1), skewness, kurtosis: sum4.total() / n / m2 ** 2 - 3 };
}

/** Neumaier's compensated sum (https://en.wikipedia.org/wiki/Kahan_summation_algorithm). */
class Sum {
  #high = 0;
  #low = 0;

  add(term: number): void {
    const sum = this.#high + term;
    this.#low += Math.abs(this.#high) >= Math.abs(term) ? this.#high - sum + term : term - sum + this.#high;
    this.#high = sum;
  }

  total(): number {
    return this.#high + this.#low;
  }
}

interface Upload {
  name: 'idx' | 'npy';
  headers: Record<string, string>;
  body: Uint8Array;
}

/** The moments that the service says its output has, and the seconds it took. */
async function ask(
  url: string,
  { headers, body }: Upload,
  query: string,
): Promise<{ moments: Moments; seconds: number }> {
  const started = performance.now();
  const response = await fetch(`${url}/v1/normalize?${query}&include=statistics`, {
    method: 'POST',
    headers,
    body: body as Uint8Array<ArrayBuffer>,
  });
  const answer = (await response.json()) as {
    statistics: { output: Omit<Moments, 'min' | 'max'> & { minmax: [number, number] } };
  };
  if (!response.ok) throw new Error(JSON.stringify(answer));
  const { minmax, mean, variance, skewness, kurtosis } = answer.statistics.output;
  const moments = { min: minmax[0], max: minmax[1], mean, variance, skewness, kurtosis };
  return { moments, seconds: (performance.now() - started) / 1000 };
}

/** The largest difference, relative to the figure; what is no number differs from every one. */
function difference(got: Moments, expected: Moments, figures: readonly Figure[]): number {
  const differences = figures.map((figure) => {
    if (typeof got[figure] !== 'number') return Infinity;
    return Math.abs(got[figure] - expected[figure]) / (Math.abs(expected[figure]) || 1);
  });
  return Math.max(...differences);
}

async function check(file: string, url: string): Promise<boolean> {
  const bytes = readFileSync(file);
  const pixels = readPixels(file);
  const idxHeaders = {
    'content-type': 'application/octet-stream',
    ...(isGzip(bytes) && { 'content-encoding': 'gzip' }),
  };
  const uploads: Upload[] = [
    { name: 'idx', headers: idxHeaders, body: bytes },
    { name: 'npy', headers: { 'content-type': 'application/x-npy' }, body: toNpy(pixels) },
  ];
  let ok = true;
  console.log(`MNIST's training images: ${images} x ${pixelsPerImage} = ${pixels.length} values`);
  for (const { title, query, quotients, printed } of methods) {
    const exact = momentsOf(quotients(pixels));
    const figures = Object.keys(printed) as Figure[];
    const answers: { name: string; moments: Moments; seconds: number }[] = [];
    for (const upload of uploads) answers.push({ name: upload.name, ...(await ask(url, upload, query[upload.name])) });

    console.log(`\n${line(title, 'SciPy, float32', 'Norma', 'to SciPy', 'to exact sums')}`);
    for (const figure of figures) {
      const { moments } = answers[0];
      const differences = [printed, exact].map((expected) => difference(moments, expected, [figure]).toExponential(1));
      console.log(line(`  ${figure}`, String(printed[figure]), String(moments[figure]), ...differences));
    }
    for (const { name, moments, seconds } of answers) {
      const [toPrinted, toExact] = [printed, exact].map((expected) => difference(moments, expected, figures));
      const fits = toPrinted <= allowed.printed && toExact <= allowed.exact;
      ok &&= fits;
      const differs = `${toPrinted.toExponential(1)} from SciPy, ${toExact.toExponential(1)} from exact sums`;
      console.log(`${fits ? 'ok  ' : 'FAIL'} as ${name} in one request, ${seconds.toFixed(2)} s: ${differs}`);
    }
  }
  return ok;
}

function line(...cells: string[]): string {
  return cells.map((cell, at) => cell.padEnd([21, 21, 23, 10, 0][at])).join('');
}

const [file, url] = process.argv.slice(2);
if (!file) {
  console.error('node test/mnist.ts train-images-idx3-ubyte[.gz] [URL]');
  process.exit(2);
}
const service = url ? undefined : await startServer('service');
try {
  process.exitCode = (await check(file, url ?? `http://127.0.0.1:${service?.port}`)) ? 0 : 1;
} finally {
  await service?.stop();
}
