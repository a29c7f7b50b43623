import assert from 'node:assert/strict';
import { type OnnxOptions, toOnnx } from '#interop/onnx/model.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { outputShape } from '#normalizers/composition/output-columns.ts';
import { methodOf } from '#normalizers/normalizer.ts';
import { defaultOutput, type ArrayDtype, type ArrayFloat } from '#tensor/dtype.ts';
import type { Tensor } from '#tensor/tensor.ts';
import { carriedOut } from '../run-call.ts';
import { seeded } from '../seeded.ts';
import { numbersOf, runOnnx, tensorOf } from './run-onnx.ts';

/** Against the largest magnitude of the output: the service and the model both compute in float64. */
const tolerances: Record<ArrayFloat, number> = { float16: 1e-3, float32: 1e-6, float64: 1e-11 };

/** Every model that was compared, by what it computes. */
export const compared = new Map<string, Uint8Array>();

export async function fit(normalizer: object, data: Tensor): Promise<Fitted> {
  const { fitted } = await carriedOut({ operation: 'fit', normalizer }, data);
  assert.ok(fitted);
  return fitted;
}

/** A model's output in onnxruntime against the service's, for the same fitted document and data. */
export async function compare(fitted: Fitted, data: Tensor, options: OnnxOptions): Promise<void> {
  const name = `${JSON.stringify(fitted.normalizer)} ${options.operation} of ${data.dtype} (${data.shape})`;
  const model = toOnnx(fitted, options);
  compared.set(name, model);
  const output = await runOnnx(model, data);
  const operation = options.operation === 'transform' ? 'transform' : 'inverse-transform';
  const { data: expected } = await carriedOut({ operation, fitted }, data);
  const dtype = (options.outputDtype ?? defaultOutput(data.dtype)) as ArrayFloat;
  assert.deepEqual([output.dtype, output.shape], [dtype, outputShape({ operation, fitted }, data.shape)], name);
  const largest = expected.reduce((most, value) => Math.max(most, Number.isFinite(value) ? Math.abs(value) : 0), 0);
  const allowed = tolerances[dtype] * largest;
  const got = numbersOf(output);
  assert.equal(got.length, expected.length, name);
  expected.forEach((want, at) => {
    const close =
      Math.abs(got[at] - want) <= allowed || got[at] === want || (Number.isNaN(got[at]) && Number.isNaN(want));
    assert.ok(close, `${name} at ${at}: ${got[at]}, expected ${want}`);
  });
}

/** Both directions, on a batch of another size than the fitted one, with values beyond the fitted range. */
export async function compareBoth(
  normalizer: object,
  shape: number[],
  values: Values,
  dtype: ArrayDtype,
): Promise<void> {
  const fitted = await fit(normalizer, tensorOf(dtype, shape, values(shape, 1)));
  const other = [shape[0] + 3, ...shape.slice(1)];
  const fresh = values(other, 2).map((value, at) => (at % 5 ? value : value * 1.5));
  const data = tensorOf(dtype, other, fresh);
  await compare(fitted, data, { operation: 'transform' });
  if (fitted.scope === 'sample' || !methodOf(fitted.normalizer).invertible) return;
  const { data: transformed } = await carriedOut({ operation: 'transform', fitted }, data);
  const shapeOut = outputShape({ operation: 'transform', fitted }, other);
  const back = tensorOf(defaultOutput(dtype) as ArrayFloat, shapeOut, [...transformed]);
  await compare(fitted, back, { operation: 'inverse_transform' });
}

type Values = (shape: readonly number[], seed: number) => number[];

/** Skewed values with ties, between 0.05 and about 50. */
export const positive: Values = (shape, seed) => {
  const random = seeded(seed);
  const count = shape.reduce((product, length) => product * length, 1);
  return Array.from({ length: count }, () => Math.round(1000 * random() ** 3) / 20 + 0.05);
};

export const mixed: Values = (shape, seed) => positive(shape, seed).map((value, at) => (at % 3 ? value : 5 - value));
