import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Tensor } from '#tensor/tensor.ts';
import { carriedOut, float64 } from '../run-call.ts';
import { seeded } from '../seeded.ts';

const normalized = async (normalizer: object, tensor: Tensor) =>
  Array.from((await carriedOut({ normalizer }, tensor)).data);

test('an L2 norm neither overflows nor underflows, where the plain sum of squares does', async () => {
  for (const unit of [1e200, 1e-200, 5e-324]) {
    assert.ok([Infinity, 0].includes(Math.sqrt(unit * unit + unit * unit)), 'the peer: numpy.linalg.norm');
    const [first, second] = await normalized({ method: 'norm' }, float64([2], [unit, unit]));
    assert.ok(Math.abs(first - Math.SQRT1_2) < 1e-15 && first === second, `${unit}: ${first}`);
  }
});

test('every order that overflows or underflows as a plain sum is scaled', async () => {
  for (const order of [1, 3, 7.5, -1, -2, -30]) {
    for (const unit of [1e160, 1e-160, 1e300]) {
      const got = await normalized({ method: 'norm', order }, float64([3], [unit, 2 * unit, 3 * unit]));
      const plain = await normalized({ method: 'norm', order }, float64([3], [1, 2, 3]));
      got.forEach((value, at) => assert.ok(Math.abs(value / plain[at] - 1) < 1e-12, `order ${order} of ${unit}`));
    }
  }
});

test('a range beyond the largest double still scales', async () => {
  const data = [-1.6e308, 0, 1.6e308];
  assert.equal(data[2] - data[0], Infinity, 'the peer: data_max − data_min');
  assert.deepEqual(await normalized({ method: 'minmax' }, float64([3], data)), [0, 0.5, 1]);
  assert.deepEqual(await normalized({ method: 'mean_range' }, float64([3], data)), [-0.5, 0, 0.5]);
  const fitted = (await carriedOut({ normalizer: { method: 'minmax' } }, float64([3], data))).fitted;
  const back = await carriedOut({ operation: 'inverse-transform', fitted }, float64([3], [0, 0.5, 1]));
  assert.deepEqual(Array.from(back.data), data);
});

test('min-max keeps the digits of a large offset, where x · scale + min loses them', async () => {
  const data = [1e15, 1e15 + 1, 1e15 + 2, 1e15 + 3];
  const scale = 1 / 3;
  assert.deepEqual(
    data.map((x) => x * scale + (0 - 1e15 * scale)),
    [0, 0.3125, 0.6875, 1],
    'the peer: MinMaxScaler',
  );
  assert.deepEqual(await normalized({ method: 'minmax' }, float64([4], data)), [0, 1 / 3, 2 / 3, 1]);
});

test('min-max never leaves its range on the data it was fitted on, where x · scale + min does', async () => {
  const random = seeded(11);
  const columns = 2000;
  const values = Float64Array.from({ length: 20 * columns }, () => (random() - 0.5) * 10 ** (random() * 8));
  let peerLeaves = 0;
  for (const [low, high] of [
    [0, 1],
    [0.1, 0.7],
    [-3.3, -1.1],
  ]) {
    for (const outputDtype of ['float64', 'float32', 'float16'] as const) {
      const normalizer = { method: 'minmax', feature_range: [low, high] };
      const call = await carriedOut(
        { normalizer, outputDtype, include: ['fitted', 'statistics'], statistics: {} },
        float64([20, columns], values),
      );
      const { min, max } = call.statistics?.output?.description ?? {};
      const round = { float64: (x: number) => x, float32: Math.fround, float16: Math.f16round }[outputDtype];
      assert.equal(min?.[0], round(low));
      assert.equal(max?.[0], round(high));
      const { scale, min: offset } = call.fitted?.parameters ?? {};
      peerLeaves += values.filter((x, at) => x * scale[at % columns] + offset[at % columns] > high).length;
    }
  }
  assert.ok(peerLeaves > 0, 'the peer: MinMaxScaler leaves its range by rounding');
});

test('columns of tiny units are scaled, where an absolute threshold takes them for constant', async () => {
  const data = [1, 2, 4, 8, 16].map((value) => value * 1e-17);
  assert.ok(data[4] - data[0] < 10 * Number.EPSILON, 'the peer: _handle_zeros_in_scale takes this for zero');
  for (const method of ['minmax', 'zscore', 'maxabs', 'mean_range', 'robust', 'quantile']) {
    const tiny = await normalized({ method }, float64([5], data));
    const plain = await normalized({ method }, float64([5], [1, 2, 4, 8, 16]));
    tiny.forEach((value, at) => assert.ok(Math.abs(value - plain[at]) < 1e-12, `${method}: ${value}, ${plain[at]}`));
  }
});

test('a row of NaN does not poison the variance of the others', async () => {
  const { fitted, data } = await carriedOut(
    { normalizer: { method: 'zscore', nan_policy: 'omit' } },
    float64([4, 2], [1, NaN, NaN, NaN, 3, 5, 5, 7]),
  );
  assert.deepEqual(Array.from(fitted?.parameters.mean ?? []), [3, 6]);
  assert.deepEqual(Array.from(fitted?.parameters.var ?? []), [8 / 3, 1]);
  assert.ok(Number.isNaN(data[1]) && Number.isNaN(data[2]) && Number.isNaN(data[3]));
});

test('float16 whose squares overflow float16 are standardized', async () => {
  const values = Float16Array.of(60000, -60000, 1, 2);
  assert.equal(Math.f16round(60000 * 60000), Infinity, 'the peer: squares in the dtype of the data');
  const { data } = await carriedOut(
    { normalizer: { method: 'zscore' }, outputDtype: 'float16' },
    { dtype: 'float16', shape: [4], buffer: values.buffer },
  );
  const halves = new Float16Array(data.buffer);
  assert.ok(Math.abs(halves[0] - 1.414) < 2e-3 && Math.abs(halves[1] + 1.414) < 2e-3);
});

test('an empty quantile range keeps scale 1, and has no finite scale under unit_variance', async () => {
  const data = float64([4], [1, 2, 4, 9]);
  assert.deepEqual(await normalized({ method: 'robust', quantile_range: [50, 50] }, data), [-2, -1, 1, 6]);
  await assert.rejects(normalized({ method: 'robust', quantile_range: [50, 50], unit_variance: true }, data), {
    code: 'not_computable',
  });
  await assert.rejects(normalized({ method: 'robust', quantile_range: [0, 100], unit_variance: true }, data), {
    code: 'not_computable',
  });
});

test('years near 2000 get the λ of greatest likelihood, where naive likelihoods overflow', async () => {
  const years = [2003, 1950, 1997, 2000, 2009, 2009, 1980, 1999, 2007, 1991];
  const { fitted } = await carriedOut({ normalizer: { method: 'power' } }, float64([10], years));
  const [lambda] = fitted?.parameters.lambdas ?? [];
  assert.ok(lambda > 20 && lambda < 48, `${lambda}`);
});

test('Box-Cox of a value that is not positive is refused with its place, in fit and in transform', async () => {
  const normalizer = { method: 'power', power_method: 'box-cox' };
  await assert.rejects(normalized(normalizer, float64([3], [1, 0, 2])), { code: 'not_computable' });
  const { fitted } = await carriedOut({ normalizer }, float64([3], [1, 2, 4]));
  await assert.rejects(carriedOut({ operation: 'transform', fitted }, float64([2], [1, -1])), {
    code: 'not_computable',
    message: /\[1\] is -1/,
  });
});
