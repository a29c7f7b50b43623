/** Constants of keras' Normalization and torchvision's Normalize, as fitted documents. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '#errors.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { fittedFromJson, fittedToJson } from '#formats/json/fitted/fitted-document.ts';
import { fittedFromKeras, KerasNormalization } from '#interop/keras.ts';
import { fittedFromTorchvision, TorchvisionNormalize } from '#interop/torchvision.ts';
import { carriedOut, float64 } from '../run-call.ts';
import { seeded } from '../seeded.ts';

const keras = (layer: object) => fittedFromKeras(KerasNormalization.parse(layer));
const torchvision = (constants: object) => fittedFromTorchvision(TorchvisionNormalize.parse(constants));

function randomValues(shape: number[]): number[] {
  const random = seeded(3);
  return Array.from({ length: shape.reduce((product, length) => product * length, 1) }, () => random() * 10 - 3);
}

/** What a document makes of data, against a formula of the value and its index along one axis. */
async function check(fitted: Fitted, shape: number[], along: number, formula: (x: number, at: number) => number) {
  const values = randomValues(shape);
  const { data } = await carriedOut({ operation: 'transform', fitted }, float64(shape, values));
  const stride = shape.slice(along + 1).reduce((product, length) => product * length, 1);
  data.forEach((got, at) => {
    const wanted = formula(values[at], Math.floor(at / stride) % shape[along]);
    assert.ok(Math.abs(got - wanted) <= 1e-15 * Math.abs(wanted), `${at}: ${got}, expected ${wanted}`);
  });
  const again = fittedFromJson(JSON.parse(JSON.stringify(fittedToJson(fitted))));
  assert.deepEqual(fittedToJson(again), fittedToJson(fitted));
  assert.equal(fittedToJson(fitted).mergeable, false);
}

const mean = [1, -2, 0.5];
const variance = [4, 0, 1e-20];
const normalized = (x: number, at: number) => (x - mean[at]) / Math.max(Math.sqrt(variance[at]), 1e-7);

test("keras' Normalization divides by no less than 1e-7, and takes its mean as constructed or as layer.mean", async () => {
  await check(keras({ mean, variance }), [5, 3], 1, normalized);
  await check(keras({ mean: [mean], variance: [variance], axis: [-1], invert: false }), [5, 3], 1, normalized);
  await check(
    keras({ mean, variance, input_shape: [null, 4, 4, 3], dtype: 'float32', name: 'n' }),
    [2, 4, 4, 3],
    3,
    normalized,
  );
  await check(keras({ mean, variance, axis: 1, input_shape: [null, 3, 4, 4] }), [2, 3, 4, 4], 1, normalized);
  await check(keras({ mean: 2, variance: 9, axis: null }), [4, 2], 1, (x) => (x - 2) / 3);
  await check(keras({ mean: 2, variance: 9, input_shape: [null, 6] }), [4, 6], 1, (x) => (x - 2) / 3);
  await check(
    keras({ mean: [mean, mean], variance: [variance, variance], axis: [1, 2], input_shape: [null, 2, 3] }),
    [4, 2, 3],
    2,
    normalized,
  );
});

test("torchvision's Normalize is per channel of images, first or last, and one constant is for all", async () => {
  const std = [0.229, 0.224, 0.225];
  const standardized = (x: number, at: number) => (x - mean[at]) / std[at];
  await check(torchvision({ mean, std }), [2, 3, 4, 5], 1, standardized);
  await check(torchvision({ mean, std, inplace: false, data_format: 'channels_last' }), [2, 4, 5, 3], 3, standardized);
  await check(torchvision({ mean: [0.1307], std: [0.3081] }), [2, 1, 4, 4], 1, (x) => (x - 0.1307) / 0.3081);
  await check(torchvision({ mean: 0.5, std }), [2, 3, 4, 4], 1, (x, at) => (x - 0.5) / std[at]);
});

test('NaN and infinities go through, as they do there', async () => {
  const { data } = await carriedOut(
    { operation: 'transform', fitted: keras({ mean, variance }) },
    float64([1, 3], [Number.NaN, Infinity, 1]),
  );
  assert.deepEqual([...data.slice(0, 2)], [Number.NaN, Infinity]);
});

test('constants that do not fit are told, with their place', () => {
  const refused: [() => unknown, string][] = [
    [() => keras({ mean, variance: [1, 2] }), '/keras/variance'],
    [() => keras({ mean, variance: [1, 2, -1] }), '/keras/variance'],
    [() => keras({ mean, variance: [1, 2, 'x'] }), '/keras/variance/2'],
    [() => keras({ mean: { dtype: 'float32', shape: [1], data: [1] }, variance: [1] }), '/keras/mean'],
    [() => keras({ mean: 1, variance: 1 }), '/keras/axis'],
    [() => keras({ mean, variance, axis: 0 }), '/keras/axis'],
    [() => keras({ mean, variance, axis: 3 }), '/keras/axis'],
    [() => keras({ mean, variance, input_shape: [null, 4] }), '/keras/variance'],
    [() => keras({ mean, variance, input_shape: [null, null] }), '/keras/input_shape'],
    [() => keras({ mean: 1, variance: 1, input_shape: [null, 1e6, 1e6], axis: [1, 2] }), '/keras/variance'],
    [() => torchvision({ mean, std: [1, 2] }), '/torchvision/std'],
    [() => torchvision({ mean, std: [1, 2, 0] }), '/torchvision/std'],
    [() => torchvision({ mean: [1, null, 3], std: 1 }), '/torchvision/mean'],
    [() => torchvision({ mean: 'x', std: 1 }), '/torchvision/mean'],
    [() => torchvision({ mean: [], std: [] }), '/torchvision/mean'],
  ];
  for (const [read, pointer] of refused) {
    assert.throws(read, (error) => {
      assert.ok(error instanceof Problem, String(error));
      assert.equal(error.errors[0]?.pointer, pointer, error.message);
      return error.status < 500;
    });
  }
});
