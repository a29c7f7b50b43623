/** Normalizers made of others, beside what scikit-learn's ColumnTransformer and Pipeline compute. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { difference } from '../closeness.ts';
import { type Service, startService } from '../service.ts';

interface Case {
  seed: number;
  normalizer: Record<string, unknown>;
  fitted: number[][];
  served: number[][];
  order: number[];
  columns: string[];
  fit_transform: number[][];
  transform: number[][];
}

const recorded = JSON.parse(readFileSync(new URL('../fixtures/composed.json', import.meta.url), 'utf8'));
const names: string[] = recorded.names;
const cases: Case[] = recorded.cases;

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const toleranceOf = (normalizer: unknown) => (JSON.stringify(normalizer).includes('"power"') ? 1e-5 : 1e-12);

const split = (columns: readonly string[], data: unknown) => ({ columns, data });

async function post(path: string, body: unknown) {
  const answer = await service.post(path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body).slice(0, 500));
  return answer.body;
}

test(`${cases.length} column transformers of pipelines are what scikit-learn's are, with columns in another order, too`, async () => {
  for (const one of cases) {
    const { normalizer, columns, order } = one;
    const close = (got: unknown, expected: unknown, what: string) =>
      assert.equal(difference(got, expected, toleranceOf(normalizer)), undefined, `seed ${one.seed}, ${what}`);
    const { fitted, data } = await post('/v1/normalize', { normalizer, data: split(names, one.fitted) });
    assert.deepEqual(data.columns, columns);
    close(data.data, one.fit_transform, 'normalize');
    const permuted = split(
      order.map((at) => names[at]),
      one.served.map((row) => order.map((at) => row[at])),
    );
    const { data: served } = await post('/v1/transform', { fitted, data: permuted });
    const expected = one.transform.map((row) => served.columns.map((name: string) => row[columns.indexOf(name)]));
    assert.deepEqual(
      served.columns,
      permuted.columns.filter((name) => columns.includes(name)),
    );
    close(served.data, expected, 'transform');
    const { data: back } = await post('/v1/inverse-transform', { fitted, data: served });
    const given = one.served.map((row) => back.columns.map((name: string) => row[names.indexOf(name)]));
    close(back.data, given, 'inverse');
    const { data: array } = await post('/v1/transform', { fitted, data: one.served });
    close(array, one.transform, 'transform of an array');
  }
});

test('parameters, counts and warnings keep the structure', async () => {
  const normalizer = {
    method: 'column_transformer',
    transformers: [
      { columns: ['a'], normalizer: { method: 'pipeline', steps: [{ method: 'log' }, { method: 'zscore' }] } },
      { columns: ['b'], normalizer: 'passthrough' },
      { columns: ['c', 'd'], normalizer: { method: 'minmax' } },
    ],
  };
  const rows = [
    [0, 1, 5, 1],
    [1, 2, 5, 2],
  ];
  const { fitted, warnings } = await post('/v1/fit', { normalizer, data: split(['a', 'b', 'c', 'd'], rows) });
  const [first, second, third] = fitted.parameters.transformers;
  assert.deepEqual(first.steps[0], {});
  assert.equal(difference(first.steps[1].mean, [Math.log(2) / 2], 1e-15), undefined);
  assert.deepEqual(second, {});
  assert.deepEqual(third.data_min, [5, 1]);
  assert.deepEqual(fitted.n_samples_seen, { transformers: [{ steps: [2, 2] }, null, 2] });
  const [constant] = warnings.filter(({ code }: { code: string }) => code === 'constant_slices');
  assert.deepEqual([constant.pointer, constant.columns], ['/normalizer/transformers/2/normalizer', ['c']]);
});

test('columns that are dropped are left out, text too where the remainder is dropped', async () => {
  const rows = [
    { id: 'x', a: 1, b: 10, note: 'p' },
    { id: 'y', a: 3, b: 20, note: 'q' },
  ];
  const transformers = [
    { columns: ['a'], normalizer: { method: 'minmax' } },
    { columns: ['note'], normalizer: 'passthrough' },
  ];
  const normalizer = { method: 'column_transformer', transformers, remainder: 'drop' };
  const { data, fitted } = await post('/v1/normalize', { normalizer, data: rows });
  assert.deepEqual(data, [
    { a: 0, note: 'p' },
    { a: 1, note: 'q' },
  ]);
  const { data: served } = await post('/v1/transform', { fitted, data: [{ a: 2, note: 'r', id: 'z' }] });
  assert.deepEqual(served, [{ a: 0.5, note: 'r' }]);
});

test('part of a table is taken back, by name or by its place', async () => {
  const transformers = [
    { columns: ['a'], normalizer: { method: 'minmax' } },
    { columns: ['b'], normalizer: { method: 'pipeline', steps: [{ method: 'log' }, { method: 'minmax' }] } },
  ];
  const data = split(
    ['a', 'b'],
    [
      [0, 0],
      [10, Math.expm1(2)],
    ],
  );
  const { fitted } = await post('/v1/fit', { normalizer: { method: 'column_transformer', transformers }, data });
  const back = await post('/v1/inverse-transform', { fitted, data: [{ b: 0.5 }] });
  assert.equal(difference(back.data[0].b, Math.expm1(1), 1e-14), undefined);
  const array = await post('/v1/inverse-transform', { fitted, data: [[0.5]], columns: ['b'] });
  assert.equal(difference(array.data, [[Math.expm1(1)]], 1e-14), undefined);
});

test('what nests too deep, a column of two transformers and unknown members are 400', async () => {
  const deep = (levels: number): object =>
    levels === 0 ? { method: 'zscore' } : { method: 'pipeline', steps: [deep(levels - 1)] };
  const data = [
    [1, 2],
    [3, 4],
  ];
  const transformers = [
    { columns: [0], normalizer: { method: 'zscore' } },
    { columns: [0, 1], normalizer: 'drop' },
  ];
  const refused: [object, RegExp][] = [
    [deep(5), /up to 4 deep/],
    [deep(2000), /levels deep/],
    [{ method: 'column_transformer', transformers }, /column 0 belongs to transformer 0/],
    [{ method: 'column_transformer', transformer: [] }, /did you mean "transformers"/],
    [{ method: 'pipeline', steps: [{ method: 'zscor' }] }, /did you mean "zscore"/],
    [{ method: 'pipeline', steps: [] }, /at least 1 item/],
  ];
  for (const [normalizer, message] of refused) {
    const { status, body } = await service.post('/v1/normalize', { normalizer, data });
    assert.equal(status, 400, JSON.stringify(normalizer).slice(0, 100));
    assert.match(JSON.stringify(body), new RegExp(message.source.replaceAll('"', '\\\\"')));
  }
  assert.equal((await service.post('/v1/normalize', { normalizer: deep(4), data })).status, 200);
});

test('parts merge where no learning step follows another one, and where one does the fit is refused when it begins', async () => {
  const rows = [
    [1, 4],
    [2, 8],
    [5, 9],
    [7, 1],
  ];
  const transformers = [
    { columns: [0], normalizer: { method: 'zscore' } },
    { columns: [1], normalizer: { method: 'pipeline', steps: [{ method: 'log' }, { method: 'minmax' }] } },
  ];
  const normalizer = { method: 'column_transformer', transformers };
  const whole = await post('/v1/fit', { normalizer, data: rows });
  const parts = await Promise.all(
    [rows.slice(0, 1), rows.slice(1)].map(async (data) => (await post('/v1/fit', { normalizer, data })).fitted),
  );
  const merged = await post('/v1/merge', { fitted: parts });
  for (const at of [0, 1])
    assert.equal(
      difference(
        flat(merged.fitted.parameters.transformers[at]),
        flat(whole.fitted.parameters.transformers[at]),
        1e-12,
      ),
      undefined,
    );
  const { status, body } = await service.post('/v1/fits', {
    normalizer: { method: 'pipeline', steps: [{ method: 'zscore' }, { method: 'log' }, { method: 'minmax' }] },
  });
  assert.equal(status, 422);
  assert.equal(body.errors[0].pointer, '/normalizer/steps/2');
});

test('a norm per sample among the parts makes the scope mixed: the others carry over, and it is the new samples own', async () => {
  const transformers = [
    { columns: [0, 1], normalizer: { method: 'norm' } },
    { columns: [2], normalizer: { method: 'zscore' } },
  ];
  const normalizer = { method: 'column_transformer', transformers };
  const { fitted } = await post('/v1/fit', {
    normalizer,
    data: [
      [3, 4, 1],
      [6, 8, 3],
    ],
  });
  assert.equal(fitted.scope, 'mixed');
  const served = await post('/v1/transform', { fitted, data: [[0, 5, 2]] });
  assert.deepEqual(served.data, [[0, 1, 0]]);
  assert.deepEqual(served.fitted.parameters.transformers[0].norms, [5]);
  assert.deepEqual(served.fitted.parameters.transformers[1].mean, [2]);
  const back = await post('/v1/inverse-transform', { fitted: served.fitted, data: served.data });
  assert.deepEqual(back.data, [[0, 5, 2]]);
});

function flat(parameters: Record<string, unknown>): unknown[] {
  return Object.values(parameters).flatMap((value) =>
    Array.isArray(value) ? (value.flatMap((one) => (typeof one === 'object' ? flat(one) : one)) as unknown[]) : [],
  );
}
