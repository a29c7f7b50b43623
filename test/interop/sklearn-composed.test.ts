/** scikit-learn's ColumnTransformer and Pipeline: what is exported is read back, and computes the same. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { difference } from '../closeness.ts';
import { type Service, startService } from '../service.ts';

interface Case {
  seed: number;
  normalizer: object;
  fitted: number[][];
  served: number[][];
  columns: string[];
  transform: number[][];
}

const recorded = JSON.parse(readFileSync(new URL('../fixtures/composed.json', import.meta.url), 'utf8'));
const names: string[] = recorded.names;
const cases: Case[] = recorded.cases.slice(0, 60);

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function send(method: string, path: string, body?: unknown) {
  const answer = await service.send(method, path, body);
  assert.ok(answer.status < 300, JSON.stringify(answer.body).slice(0, 400));
  return answer.body;
}

test('column transformers and pipelines are exported to scikit-learn, and read back from there', async () => {
  for (const one of cases) {
    const data = { columns: names, data: one.fitted };
    await send('POST', '/v1/normalizers/there/versions', { normalizer: one.normalizer, data });
    const exported = await send('GET', '/v1/normalizers/there/export?format=sklearn');
    assert.equal(exported.class, 'ColumnTransformer');
    await send('POST', '/v1/normalizers/back/versions', { sklearn: exported, breaking: true });
    const { data: served } = await send('POST', '/v1/normalizers/back/transform', {
      data: { columns: names, data: one.served },
    });
    assert.deepEqual(served.columns, one.columns);
    assert.equal(difference(served.data, one.transform, 1e-5), undefined, `seed ${one.seed}`);
  }
});

test('a ColumnTransformer gives its columns in its own order to the next step of a Pipeline', async () => {
  const scaler = (mean: number[], scale: number[]) => ({
    class: 'StandardScaler',
    attributes: { mean_: mean, scale_: scale, var_: scale.map((one) => one * one) },
  });
  const transformer = {
    class: 'ColumnTransformer',
    attributes: {
      n_features_in_: 2,
      transformers_: [
        ['b', scaler([10], [2]), [1]],
        ['a', 'passthrough', [0]],
      ],
    },
  };
  // There the next step sees b before a.
  const steps = [
    ['columns', transformer],
    ['scale', scaler([1, 100], [1, 1])],
  ];
  await send('POST', '/v1/normalizers/chain/versions', { sklearn: { class: 'Pipeline', params: { steps } } });
  const { data } = await send('POST', '/v1/normalizers/chain/transform', { data: [[105, 14]] });
  assert.deepEqual(data, [[5, 1]]);
});

test('what scikit-learn has no class for is refused', async () => {
  const normalizer = { method: 'grouped', normalizer: { method: 'zscore' }, unseen: 'global' };
  const data = [
    [1, 2],
    [3, 5],
  ];
  await send('POST', '/v1/normalizers/groups/versions', { normalizer, groups: ['a', 'b'], data });
  const { status, body } = await service.send('GET', '/v1/normalizers/groups/export?format=sklearn');
  assert.deepEqual([status, body.code], [422, 'not_exportable']);
});
