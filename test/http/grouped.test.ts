/** Normalizers within groups, beside what pandas' groupby gives. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { difference } from '../closeness.ts';
import { type Service, startService } from '../service.ts';

const { grouped: recorded } = JSON.parse(readFileSync(new URL('../fixtures/composed.json', import.meta.url), 'utf8'));
const { keys, values }: { keys: string[]; values: number[][] } = recorded;

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function post(path: string, body: unknown) {
  const answer = await service.post(path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body).slice(0, 500));
  return answer.body;
}

const isClose = (got: unknown, expected: unknown) => assert.equal(difference(got, expected, 1e-12), undefined);

const records = values.map(([x, y], at) => ({ shop: keys[at], x, y }));

for (const method of ['zscore', 'minmax'] as const) {
  test(`${method} within groups is what pandas gives, of a table and of an array, and comes back`, async () => {
    const normalizer = { method: 'grouped', normalizer: { method } };
    const array = await post('/v1/normalize', { normalizer, groups: keys, data: values });
    isClose(array.data, recorded[method]);
    assert.deepEqual(array.fitted.parameters.groups, recorded.groups);
    if (method === 'zscore') isClose(array.fitted.parameters.mean, recorded.mean);
    const back = await post('/v1/inverse-transform', { fitted: array.fitted, groups: keys, data: array.data });
    isClose(back.data, values);
    const table = await post('/v1/normalize', { normalizer: { ...normalizer, by: 'shop' }, data: records });
    const got = table.data.map(({ x, y }: { x: number; y: number }) => [x, y]);
    assert.deepEqual(got, array.data);
    assert.deepEqual(
      table.data.map(({ shop }: { shop: string }) => shop),
      keys,
    );
  });
}

test('groups of parts merge by key, whatever parts they are in', async () => {
  const normalizer = { method: 'grouped', normalizer: { method: 'zscore' }, unseen: 'global' };
  const whole = await post('/v1/fit', { normalizer, groups: keys, data: values });
  const cuts = [0, 3, 4, 17, 30];
  const parts = await Promise.all(
    cuts.slice(1).map(async (to, at) => {
      const [from, groups] = [cuts[at], keys.slice(cuts[at], to)];
      return (await post('/v1/fit', { normalizer, groups, data: values.slice(from, to) })).fitted;
    }),
  );
  const { fitted: merged } = await post('/v1/merge', { fitted: parts });
  assert.deepEqual(merged.parameters.groups, whole.fitted.parameters.groups);
  for (const name of ['mean', 'var', 'scale']) {
    isClose(merged.parameters[name], whole.fitted.parameters[name]);
    isClose(merged.parameters.global[name], whole.fitted.parameters.global[name]);
  }
  assert.deepEqual(merged.n_samples_seen, whole.fitted.n_samples_seen);
});

test('a fit in parts by a column of a table is what one fit gives', async () => {
  const normalizer = { method: 'grouped', by: 'shop', normalizer: { method: 'minmax' } };
  const { body } = await service.post('/v1/fits', { normalizer });
  for (const [part, from, to] of [
    ['a', 0, 11],
    ['b', 11, 30],
  ] as const) {
    const put = await service.send('PUT', `/v1/fits/${body.id}/parts/${part}`, { data: records.slice(from, to) });
    assert.equal(put.status, 200, JSON.stringify(put.body));
  }
  const { body: committed } = await service.post(`/v1/fits/${body.id}/commit`, {});
  const whole = await post('/v1/fit', { normalizer, data: records });
  assert.deepEqual(committed.fitted.parameters, whole.fitted.parameters);
});

test('a group that was not seen is an error that names it, NaN, or as all data together', async () => {
  const data = [
    [1, 10],
    [3, 30],
    [5, 90],
  ];
  const groups = [7, 7, 8];
  const of = (unseen: string, more = {}) => ({ method: 'grouped', normalizer: { method: 'minmax' }, unseen, ...more });
  const served = { groups: [7, 9, null], data: data.map(([x, y]) => [x, y]) };
  const { fitted } = await post('/v1/fit', { normalizer: of('error'), groups, data });
  const refused = await service.post('/v1/transform', { fitted, ...served });
  assert.equal(refused.status, 422);
  assert.match(refused.body.detail, /"9" and "null" were not seen/);
  const nan = await post('/v1/fit', { normalizer: of('nan'), groups, data });
  const asNan = await post('/v1/transform', { fitted: nan.fitted, ...served });
  assert.deepEqual(asNan.data, [
    [0, 0],
    [null, null],
    [null, null],
  ]);
  assert.deepEqual(
    asNan.warnings.map(({ code, count }: { code: string; count: number }) => [code, count]),
    [['unseen_groups', 2]],
  );
  const global = await post('/v1/fit', { normalizer: of('global'), groups, data });
  const asGlobal = await post('/v1/transform', { fitted: global.fitted, ...served });
  assert.deepEqual(asGlobal.data, [
    [0, 0],
    [0.5, 0.25],
    [1, 1],
  ]);
  const small = { normalizer: of('global', { min_samples: 2 }), groups, data };
  assert.deepEqual((await post('/v1/normalize', small)).data[2], [1, 1]);
  const strict = await service.post('/v1/normalize', { ...small, normalizer: of('error', { min_samples: 2 }) });
  assert.match(strict.body.detail, /"8" was not seen/);
});

test('a key that was a number at the fit compares as a number', async () => {
  const normalizer = { method: 'grouped', by: 'id', normalizer: { method: 'minmax' } };
  const data = [
    { id: 7, x: 0 },
    { id: 7, x: 4 },
  ];
  const { fitted } = await post('/v1/fit', { normalizer, data });
  assert.deepEqual(fitted.parameters.groups, [7]);
  const served = await post('/v1/transform', {
    fitted,
    data: [
      { id: '7', x: 1 },
      { x: 2, id: 7 },
    ],
  });
  assert.deepEqual(served.data, [
    { id: '7', x: 0.25 },
    { x: 0.5, id: 7 },
  ]);
});

test('groups nest in column transformers and pipelines, and what they cannot do is said', async () => {
  const inner = { method: 'pipeline', steps: [{ method: 'log' }, { method: 'zscore' }, { method: 'robust' }] };
  const normalizer = {
    method: 'column_transformer',
    transformers: [
      { columns: ['x'], normalizer: { method: 'grouped', by: 'shop', normalizer: inner, unseen: 'nan' } },
      { columns: ['y'], normalizer: { method: 'minmax' } },
    ],
  };
  const data = records.map((row) => ({ ...row, x: Math.abs(row.x) }));
  const { data: output, fitted } = await post('/v1/normalize', { normalizer, data });
  const { data: back } = await post('/v1/inverse-transform', { fitted, data: output });
  isClose(
    back.map(({ x, y }: { x: number; y: number }) => [x, y]),
    data.map(({ x, y }) => [x, y]),
  );
  const refused: [object, string][] = [
    [{ method: 'grouped', normalizer: { method: 'quantile' } }, 'not_computable'],
    [{ method: 'grouped', normalizer: { method: 'norm' } }, 'axis_out_of_range'],
    [{ method: 'grouped', normalizer: { method: 'grouped', normalizer: { method: 'zscore' } } }, 'invalid_request'],
    [{ method: 'zscore' }, 'invalid_request'],
  ];
  for (const [one, code] of refused) {
    const { body } = await service.post('/v1/normalize', { normalizer: one, groups: keys, data: values });
    assert.equal(body.code, code, JSON.stringify(body));
  }
  const short = await service.post('/v1/fit', {
    normalizer: { method: 'grouped', normalizer: { method: 'zscore' } },
    groups: ['a'],
    data: values,
  });
  assert.match(short.body.detail, /There are 1 groups for 30 samples/);
});
