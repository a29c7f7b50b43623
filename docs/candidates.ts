import type { Matrix } from '#evidence/matrix.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { Normalizer } from '#normalizers/normalizer.ts';
import { StatisticsOptions } from '#statistics/options.ts';
import { toSource } from '#tensor/source.ts';
import { runCall } from '#engine/run-call.ts';
import { inlineRunner } from '#engine/run-inline.ts';
import type { AnswerSummary } from '#formats/summary.task.ts';
import type { Call } from '#engine/plan-call.ts';
import type { Digits } from './mnist.ts';

/** Pixels of an image. */
export const pixelCount = 784;

/** A way to normalize MNIST. */
export interface Candidate {
  name: string;
  normalizer: { method: string } & Record<string, unknown>;
  /** What is multiplied afterwards. */
  factor?: number;
}

/** Those of the question, and what they are held against. */
export const candidates: Candidate[] = [
  { name: 'as they are, 0 to 255', normalizer: { method: 'affine' } },
  { name: '[0, 1]', normalizer: { method: 'minmax', axis: null } },
  { name: 'z-score over the array', normalizer: { method: 'zscore', axis: null } },
  { name: 'z-score per pixel', normalizer: { method: 'zscore', axis: 0 } },
  { name: 'L2 per image', normalizer: { method: 'norm', axis: -1 } },
  { name: 'L2 per image × √784', normalizer: { method: 'norm', axis: -1 }, factor: 28 },
];

/** The training and the test images under a candidate that was fitted on the former, one after the other. */
export async function normalizeDigits(candidate: Candidate, train: Digits, test: Digits): Promise<Matrix> {
  const rows = train.count + test.count;
  const values = new Float64Array(rows * pixelCount);
  const normalizer = Normalizer.parse(candidate.normalizer);
  const fit = await collect({ operation: 'fit', normalizer, statistics: false, include: ['fitted'] }, train);
  const fitted = fit.fitted as Fitted;
  const call: Call = { operation: 'transform', fitted, statistics: false, include: ['data'], outputDtype: 'float64' };
  const bytes = new Uint8Array(values.buffer);
  await collect(call, train, bytes);
  await collect(call, test, bytes.subarray(train.count * pixelCount * 8));
  const { factor = 1 } = candidate;
  if (factor !== 1) for (let i = 0; i < values.length; i++) values[i] *= factor;
  return { values, rows, columns: pixelCount };
}

/** The statistics of all training values under a normalizer. */
export async function describeOutput(normalizer: object, train: Digits): Promise<AnswerSummary['statistics']> {
  const statistics = StatisticsOptions.parse({});
  const call: Call = {
    operation: 'normalize',
    normalizer: Normalizer.parse(normalizer),
    statistics,
    include: ['statistics'],
  };
  return (await collect(call, train)).statistics;
}

async function collect(call: Call, { pixels, count }: Digits, into?: Uint8Array): Promise<AnswerSummary> {
  const tensor = { dtype: 'uint8', shape: [count, pixelCount], buffer: Uint8Array.from(pixels).buffer } as const;
  const input = { source: toSource({ ...tensor, shape: [...tensor.shape] }), form: 'binary', inMemory: true } as const;
  const pieces = runCall(call, input, into ? 'bytes' : 'none', inlineRunner, Infinity);
  let done = 0;
  let step = await pieces.next();
  for (; !step.done; step = await pieces.next()) {
    into?.set(step.value, done);
    done += step.value.byteLength;
  }
  return step.value;
}
