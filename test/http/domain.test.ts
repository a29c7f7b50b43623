/** Values outside a logarithm's domain, and what clip, fill and weights do in every call. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Service, startService } from '../service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

test('a value that has no logarithm is an error at its place, or a warning with its count', async () => {
  const data = [
    [1, 2],
    [3, -5],
    [-1, null],
  ];
  const raised = await service.post('/v1/normalize', { normalizer: { method: 'log' }, data: data.slice(0, 2) });
  assert.deepEqual([raised.status, raised.body.errors[0].pointer], [422, '/data/1/1']);
  for (const path of ['normalize', 'transform']) {
    const normalizer = { method: 'log', nan_policy: 'omit' };
    const { body } = await service.post('/v1/fit', { normalizer, data });
    const given = path === 'transform' ? { fitted: body.fitted } : { normalizer };
    const answer = await service.post(`/v1/${path}`, { ...given, data });
    assert.equal(answer.status, 200);
    assert.deepEqual(answer.body.data.slice(1), [
      [Math.log1p(3), null],
      ['-Infinity', null],
    ]);
    assert.deepEqual(countsIn(answer.body.warnings), { outside_domain: 1, overflow: 1 }, path);
  }
  const filling = { method: 'log', nan_policy: 'omit', fill: 0 };
  const filled = await service.post('/v1/normalize', { normalizer: filling, data });
  assert.deepEqual(filled.body.data.slice(1), [
    [Math.log1p(3), 0],
    ['-Infinity', 0],
  ]);
  assert.deepEqual(countsIn(filled.body.warnings), { outside_domain: 1, overflow: 1 });
  const far = { method: 'log', offset: 6 };
  const fine = await service.post('/v1/normalize', { normalizer: far, data: data.slice(0, 2) });
  assert.equal(fine.status, 200);
  assert.deepEqual(fine.body.warnings, []);
});

function countsIn(warnings: { code: string; count?: number }[]) {
  return Object.fromEntries(warnings.map(({ code, count }) => [code, count]));
}

test('documents of what learns nothing merge, and count', async () => {
  for (const normalizer of [{ method: 'log' }, { method: 'passthrough' }, { method: 'clip', range: [0, 1] }]) {
    const fitted = [];
    for (const data of [[[1], [2]], [[3]]])
      fitted.push((await service.post('/v1/fit', { normalizer, data })).body.fitted);
    const { status, body } = await service.post('/v1/merge', { fitted });
    assert.equal(status, 200, JSON.stringify(body));
    assert.equal(body.fitted.n_samples_seen, 3);
    const { body: whole } = await service.post('/v1/fit', { normalizer, data: [[1], [2], [3]] });
    assert.deepEqual(body.fitted, whole.fitted);
  }
});

test('learned limits tell of what they clip, and leave the rest as it is', async () => {
  const data = Array.from({ length: 101 }, (_, at) => [at]);
  const { body } = await service.post('/v1/fit', { normalizer: { method: 'clip' }, data });
  assert.deepEqual(body.fitted.normalizer.quantile_range, [1, 99]);
  assert.deepEqual(body.fitted.parameters, { lower: [1], upper: [99] });
  const given = await service.post('/v1/transform', { fitted: body.fitted, data: [[-4], [50], [1e9]] });
  assert.deepEqual(given.body.data, [[1], [50], [99]]);
  const warning = given.body.warnings.find(({ code }: { code: string }) => code === 'out_of_range');
  assert.equal(warning.count, 2);
  const back = await service.post('/v1/inverse-transform', { fitted: body.fitted, data: [[1], [50]] });
  assert.deepEqual(back.body.data, [[1], [50]]);
});

test('clip is true where a method has a range of its own, and one-sided everywhere', async () => {
  const data = [[0], [10], [5]];
  const outside = [[-5], [20]];
  for (const [normalizer, expected] of [
    [{ method: 'minmax', clip: true }, [[0], [1]]],
    [{ method: 'minmax', feature_range: [-1, 1], clip: [null, 0] }, [[-2], [0]]],
    [{ method: 'maxabs', clip: [0, null] }, [[0], [2]]],
    [{ method: 'mean_range', clip: true }, [[-1], [1]]],
    [{ method: 'passthrough', clip: [0, 7] }, [[0], [7]]],
  ] as const) {
    const { body } = await service.post('/v1/fit', { normalizer, data });
    const answer = await service.post('/v1/transform', { fitted: body.fitted, data: outside });
    assert.deepEqual(answer.body.data, expected, JSON.stringify(normalizer));
  }
  for (const normalizer of [
    { method: 'zscore', clip: true },
    { method: 'robust', clip: [1, 0] },
    { method: 'clip', range: [0, 1], quantile_range: [1, 99] },
  ]) {
    const { status } = await service.post('/v1/fit', { normalizer, data });
    assert.equal(status, 400, JSON.stringify(normalizer));
  }
});

test('weights make robust and quantile forget how to merge', async () => {
  const data = [[1], [2], [3], [10]];
  const sample_weight = [1, 1, 1, 5];
  for (const method of ['robust', 'quantile']) {
    const weighted = await service.post('/v1/fit', { normalizer: { method }, data, sample_weight });
    assert.equal(weighted.body.fitted.mergeable, false);
    assert.equal(weighted.body.fitted.n_samples_seen, 8);
    const { body: fit } = await service.post('/v1/fits', { normalizer: { method } });
    const part = await service.send('PUT', `/v1/fits/${fit.id}/parts/a`, { data, sample_weight });
    assert.deepEqual([part.status, part.body.errors[0].pointer], [422, '/sample_weight']);
  }
  const { body } = await service.post('/v1/fit', { normalizer: { method: 'robust' }, data, sample_weight });
  assert.deepEqual(body.fitted.parameters.center, [10]);
});
