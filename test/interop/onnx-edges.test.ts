/** Exported models where values are unusual, and what cannot be exported. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '#errors.ts';
import { buildGraph } from '#interop/onnx/graph.ts';
import { toOnnx } from '#interop/onnx/model.ts';
import { modelProto } from '#interop/onnx/proto.ts';
import { addStep } from '#interop/onnx/steps.ts';
import type { Fitted } from '#normalizers/fitted-normalizer.ts';
import { methods } from '#normalizers/registry.ts';
import type { Step } from '#normalizers/steps.ts';
import { float64 } from '../run-call.ts';
import { compare, compareBoth, fit, mixed, positive } from './compare-onnx.ts';
import { numbersOf, runOnnx, tensorOf } from './run-onnx.ts';

const transform = { operation: 'transform' } as const;
const inverse = { operation: 'inverse_transform' } as const;

for (const method of methods.filter(({ composition }) => !composition)) {
  test(`${method.name}: NaN stays, and a slice of nothing else gives NaN`, async () => {
    for (const nan_policy of ['omit', 'propagate']) {
      for (const options of [{}, { clip: true }, { clip: [0, 1] }, { order: 'inf' }, { order: 0 }, { order: -1 }]) {
        const normalizer = { method: method.name, nan_policy, ...options };
        if (!method.schema.safeParse(normalizer).success) continue;
        const data = [1, 4, 2, 3, Number.NaN, 5, 9, 2, 6, 4, 0.5, Number.NaN];
        const fitted = await fit(normalizer, float64([4, 3], data));
        await compare(fitted, float64([4, 3], data), transform);
        const lost = await fit({ ...normalizer, axis: 0 }, float64([2, 2], [1, Number.NaN, 3, Number.NaN]));
        await compare(lost, float64([2, 2], [1, 2, Number.NaN, 4]), transform);
        await compare(lost, float64([2, 2], [1, 2, Number.NaN, 4]), inverse);
      }
    }
  });

  test(`${method.name}: infinities come through as they do here, and constant columns`, async () => {
    const normalizer = { method: method.name, axis: 0, nan_policy: 'propagate' };
    const fitted = await fit(normalizer, float64([4, 2], [1, 7, 2, 7, 4, 7, 9, 7]));
    const data = float64([3, 2], [Infinity, Infinity, -Infinity, -Infinity, 3, 3]);
    await compare(fitted, data, transform);
    await compare(fitted, data, inverse);
  });

  test(`${method.name}: one sample, and none`, async () => {
    const fitted = await fit({ method: method.name }, float64([4, 2], [1, 7, 2, 8, 4, 5, 9, 6]));
    await compare(fitted, float64([1, 2], [3, 6]), transform);
    await compare(fitted, float64([0, 2], []), transform);
  });
}

test('a large offset and a range beyond the largest double scale as they do here', async () => {
  for (const method of ['minmax', 'mean_range']) {
    for (const values of [
      [1e15, 1e15 + 1, 1e15 + 3],
      [-1.7e308, 3, 1.7e308],
    ]) {
      const data = float64([3, 1], values);
      const fitted = await fit({ method }, data);
      await compare(fitted, data, transform);
      await compare(fitted, float64([3, 1], [0, 0.25, 1]), inverse);
    }
  }
});

test('the fitted range stays within feature_range whatever the rounding', async () => {
  for (let at = 1; at < 60; at++) {
    const range = [-at / 7, at / 3 + 0.1];
    const data = float64([3, 1], [1, 2, 4]);
    const fitted = await fit({ method: 'minmax', feature_range: range }, data);
    const [low, , high] = numbersOf(await runOnnx(toOnnx(fitted, transform), data));
    assert.ok(low === range[0] && high <= range[1], `${low} to ${high}, wanted ${range}`);
  }
});

test('from_rank takes ranks within the margin of an end for the end', async () => {
  const step: Step = {
    op: 'from_rank',
    margin: 0.1,
    quantiles: Float64Array.of(10, 20, 40),
    references: Float64Array.of(0, 0.5, 1),
  };
  const graph = buildGraph();
  const y = addStep(graph, graph.input('input', 'float64', ['batch']), step, [1]);
  const whole = graph.finish('ranks', [{ name: 'output', of: y, dtype: 'float64', shape: ['batch'] }]);
  const model = modelProto({ graph: whole, description: '', metadata: {} });
  const output = await runOnnx(model, float64([6], [0.05, 0.1, 0.25, 0.75, 0.9, 0.95]));
  assert.deepEqual(numbersOf(output), [10, 10, 15, 30, 40, 40]);
});

test('a norm of huge or tiny values neither overflows nor underflows', async () => {
  for (const order of [1, 2, 3, 0.5, -1, -2]) {
    for (const unit of [1e200, 1e-200, 5e-324, 1e308]) {
      const data = float64([3, 2], [unit, unit, 0, unit, 0, 0]);
      await compare(await fit({ method: 'norm', order }, data), data, transform);
    }
  }
});

test('a power of data far from zero, beside one of data that are not', async () => {
  const near = [1, 5, 2, 30, 4, 9];
  for (const sign of [1, -1]) {
    const columns = [
      [2015, 2026, 2017, 2016, 2015, 2016],
      [1013.2, 1013.9, 1012.8, 1014.4, 1013.1, 1013],
      [5.6e9, 5.6e9 + 40, 5.6e9 + 90, 5.6e9 + 1e4, 5.6e9 + 7, 5.6e9 + 3],
      near,
    ];
    const data = float64(
      [6, 4],
      near.flatMap((_, row) => columns.map((values) => sign * values[row])),
    );
    for (const power_method of sign > 0 ? ['yeo-johnson', 'box-cox'] : ['yeo-johnson']) {
      const fitted = await fit({ method: 'power', power_method }, data);
      assert.ok('reference' in fitted.parameters);
      await compare(fitted, data, transform);
      await compare(fitted, float64([2, 4], [-2, -1, 0, 1, 1, 2, 3, 2.5]), inverse);
      if (power_method === 'box-cox') continue;
      const others = [2100, 900, 6e9, 0, -1, -0.5, 0, -7, 0, 3, 100, 1e3].map((value) => sign * value);
      await compare(fitted, float64([3, 4], others), transform);
    }
  }
});

test('a single operand that float32 takes for 1 or for 0 counts', async () => {
  for (const [mean, std] of [
    [0, 1 + 1e-9],
    [1e-60, 1 - 1e-9],
    [-1e-50, 3e-50],
  ]) {
    const fitted = await fit({ method: 'affine', mean, std, axis: null }, float64([1, 1], [0]));
    for (const unit of [1, 1e-50]) {
      const data = float64([3, 1], [unit, 3 * unit, -unit]);
      const [plain] = numbersOf(await runOnnx(toOnnx(fitted, transform), data));
      assert.equal(plain, (unit - mean) / std);
      await compare(fitted, data, transform);
      await compare(fitted, data, inverse);
    }
  }
});

test('every λ: near 0, 0, 1, 2, and steep', async () => {
  const lambdas = Float64Array.of(0, 1e-18, -1e-9, 1e-5, 0.5, 1, 1 + 1e-12, 2, 2 - 1e-9, -3, 8);
  const count = lambdas.length;
  for (const power_method of ['yeo-johnson', 'box-cox']) {
    const normalizer = { method: 'power', power_method, standardize: false };
    const values = power_method === 'box-cox' ? positive([30, count], 3) : mixed([30, count], 3);
    const fitted = { ...(await fit(normalizer, float64([30, count], values))), parameters: { lambdas } };
    // Column by column: the largest magnitude of one must not hide another.
    for (let column = 0; column < count; column++) {
      const alone: Fitted = { ...fitted, parameters: { lambdas: lambdas.subarray(column, column + 1).slice() } };
      const one = { ...alone, input: { dtype: 'float64', shape: [null, 1] }, keptShape: [1] } as Fitted;
      const own = values.filter((_, at) => at % count === column);
      for (const scale of [1, 1e-9, 1e15]) {
        const data = float64(
          [30, 1],
          own.map((value) => value * scale),
        );
        await compare(one, data, transform);
        await compare(one, data, inverse);
      }
    }
  }
});

test('quantile: ties, ends, a margin, landmarks of one value, and the largest range', async () => {
  for (const values of [
    [1, 1, 1, 2, 2, 5, 9, 9, 9],
    [3, 3, 3, 3, 3, 3, 3, 3, 3],
    [-1.7e308, -1, 0, 1e-300, 2e-300, 1, 2, 3, 1.7e308],
    [1e-17, 2e-17, 3e-17, 3e-17, 4e-17, 5e-17, 6e-17, 7e-17, 8e-17],
  ]) {
    for (const n_quantiles of [1, 2, 3, 4, 8, 9]) {
      const fitted = await fit({ method: 'quantile', n_quantiles }, float64([9, 1], values));
      const between = values.flatMap((value) => [value, value * 1.05, value * 0.9]);
      await compare(fitted, float64([27, 1], between), transform);
      await compare(fitted, float64([9, 1], [-0.1, 0, 1e-9, 0.125, 0.3, 0.5, 0.999999999, 1, 1.1]), inverse);
    }
  }
});

test('the dtypes of input and output can be others than those fitted', async () => {
  const fitted = await fit({ method: 'minmax' }, tensorOf('uint8', [4, 2], [0, 10, 255, 20, 128, 30, 7, 40]));
  const asked = { ...transform, inputDtype: 'float32', outputDtype: 'float16' } as const;
  const data = tensorOf('float32', [2, 2], [10, 15, 255, 40]);
  const output = await runOnnx(toOnnx(fitted, asked), data);
  assert.equal(output.dtype, 'float16');
  assert.deepEqual(
    numbersOf(output).map((value) => Math.round(value * 1e3)),
    [39, 167, 1000, 1000],
  );
  await compareBoth({ method: 'zscore', axis: 0 }, [6, 2], mixed, 'float16');
});

test('what cannot be exported is told, with the place and the way out', async () => {
  const rows = float64([3, 2], [1, 2, 3, 5, 8, 13]);
  const refused: [object, typeof transform | typeof inverse, RegExp][] = [
    [{ method: 'quantile', output_distribution: 'normal' }, transform, /uniform/],
    [{ method: 'quantile', output_distribution: 'normal' }, inverse, /uniform/],
    [{ method: 'minmax', axis: 1 }, transform, /sample scope/],
    [{ method: 'zscore', axis: -1 }, inverse, /sample scope/],
    [{ method: 'norm' }, inverse, /sample scope/],
  ];
  for (const [normalizer, options, reason] of refused) {
    const fitted = await fit(normalizer, rows);
    assert.throws(
      () => toOnnx(fitted, options),
      (error) => error instanceof Problem && error.code === 'not_exportable' && reason.test(error.message),
      JSON.stringify(normalizer),
    );
  }
});
