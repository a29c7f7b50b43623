import { Normalizer } from '#normalizers/normalizer.ts';
import { StatisticsOptions } from '#statistics/options.ts';
import { toSource } from '#tensor/source.ts';
import type { Tensor } from '#tensor/tensor.ts';
import { runCall } from '#engine/run-call.ts';
import { inlineRunner } from '#engine/run-inline.ts';
import type { AnswerSummary } from '#formats/summary.task.ts';
import type { Runner } from '#pool/task.ts';
import type { Call } from '#engine/plan-call.ts';

export interface Outcome extends AnswerSummary {
  data: Float64Array;
}

/** What a test says of a call; the rest is as the contract's defaults have it. */
export type Asked = Partial<Omit<Call, 'normalizer' | 'statistics'>> & {
  normalizer?: object;
  statistics?: object | false;
};

/** Carries out a call on a tensor in this thread (or where `run` says), without HTTP; the output as float64. */
export async function carriedOut(asked: Asked, tensor: Tensor, run: Runner = inlineRunner): Promise<Outcome> {
  const call: Call = {
    operation: 'normalize',
    include: ['data', 'fitted', 'statistics'],
    outputDtype: 'float64',
    ...asked,
    normalizer: asked.normalizer && Normalizer.parse(asked.normalizer),
    statistics: asked.statistics ? StatisticsOptions.parse(asked.statistics) : false,
  };
  const pieces = runCall(call, { source: toSource(tensor), form: 'binary', inMemory: true }, 'bytes', run, Infinity);
  const output: Uint8Array[] = [];
  let step = await pieces.next();
  for (; !step.done; step = await pieces.next()) output.push(step.value);
  const bytes = Uint8Array.from(Buffer.concat(output));
  return { ...step.value, data: new Float64Array(bytes.buffer) };
}

/** A float64 tensor of the values given. */
export function float64(shape: number[], values: ArrayLike<number>): Tensor {
  return { dtype: 'float64', shape, buffer: Float64Array.from(values).buffer };
}
