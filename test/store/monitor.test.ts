/** What transforms are counted by, in every format, on several replicas, and over time. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { npyFile } from '../formats/arrays.ts';
import { seeded } from '../seeded.ts';
import { type Service, startService } from '../service.ts';
import { eachStore } from './each-store.ts';

const npy = { 'content-type': 'application/x-npy' };
const path = (name: string) => `/v1/normalizers/${name}`;

eachStore('counts of transforms', (kind) => {
  let service: Service;
  let replica: Service;
  before(async () => {
    const store = await kind.address();
    const monitor = { columnsOf: [], lifetime: 3600 };
    service = await startService({ store, workers: 1, monitor });
    replica = await startService({ store, workers: 1, monitor: { ...monitor, columnsOf: 'all' } });
  });
  after(() => Promise.all([service.close(), replica.close()]));

  async function fit(name: string, data: number[][]): Promise<void> {
    const normalizer = { method: 'zscore', nan_policy: 'omit' };
    const { status, body } = await service.post(`${path(name)}/versions`, { normalizer, data });
    assert.equal(status, 201, JSON.stringify(body));
  }

  async function totals(of: Service, name: string): Promise<Record<string, number>> {
    const text = new TextDecoder().decode((await of.send('GET', '/metrics')).body);
    const found = [...text.matchAll(/^norma_transform_values_total\{(.*)\} (\S+)$/gm)];
    return Object.fromEntries(
      found
        .filter(([, labels]) => labels.includes(`normalizer="${name}"`))
        .map(([, labels, count]) => [labels.replace(/^normalizer="[^"]*",version="\d+",/, ''), Number(count)] as const)
        .filter(([, count]) => count > 0),
    );
  }

  const hundred = Array.from({ length: 100 }, (_, at) => [at]);

  test('every format and /v2 count each value by its decile, NaN and out of range apart', async () => {
    await fit('formats', hundred);
    const transform = `${path('formats')}/transform`;
    const values = [-1, 0, 9, 10, 95, 99, 100, Number.NaN];
    const expected: Record<string, number> = {};
    const add = (labels: string[]) =>
      labels.forEach((bin) => (expected[`bin="${bin}"`] = (expected[`bin="${bin}"`] ?? 0) + 1));
    const once = ['below', '0', '0', '1', '9', '9', 'above', 'nan'];
    const data = values.map((value) => [Number.isNaN(value) ? null : value]);
    const file = npyFile('float64', [8, 1], values);
    const csv = new TextEncoder().encode(
      `x\n${values.map((value) => (Number.isNaN(value) ? 'nan' : value)).join('\n')}\n`,
    );
    const requests: [unknown, Record<string, string>][] = [
      [{ data }, {}],
      [{ data, statistics: false, include: ['data'] }, {}],
      [{ data: { dtype: 'float64', shape: [8, 1], data: data.flat() } }, {}],
      [file, { ...npy, accept: npy['content-type'] }],
      [file, { ...npy, accept: 'application/x-npz' }],
      [npyFile('float64', [8, 1], values, { bigEndian: true }), npy],
      [csv, { 'content-type': 'text/csv', accept: 'text/csv' }],
    ];
    for (const [body, headers] of requests) {
      const { status, body: answer } = await service.post(transform, body, headers);
      assert.equal(status, 200, JSON.stringify(answer));
      add(once);
      assert.deepEqual(await totals(service, 'formats'), expected, JSON.stringify(headers));
    }
    const finite = [0, 9, 10, 95];
    const inputs = [{ name: 'input', shape: [4, 1], datatype: 'FP64', data: finite }];
    assert.equal((await service.post('/v2/models/formats/infer', { inputs })).status, 200);
    add(['0', '0', '1', '9']);
    assert.deepEqual(await totals(service, 'formats'), expected);
  });

  test('an inverse transform and a refused batch count nothing', async () => {
    await fit('uncounted', hundred);
    await service.post(`${path('uncounted')}/inverse-transform`, { data: [[1]] });
    await service.post(`${path('uncounted')}/transform`, { data: [[1, 2]] });
    assert.deepEqual(await totals(service, 'uncounted'), {});
  });

  test('of a large array a sample is looked at, and the counts are of all values', async () => {
    await fit(
      'large',
      Array.from({ length: 1000 }, (_, at) => [at, -at]),
    );
    const count = 200_000;
    const values = Array.from({ length: count }, (_, at) => (at % 2 ? -1 : 1) * ((at * 7919) % 1000));
    const answer = await service.post(`${path('large')}/transform`, npyFile('float64', [count / 2, 2], values), {
      ...npy,
      accept: npy['content-type'],
    });
    assert.equal(answer.status, 200);
    const found = Object.values(await totals(service, 'large'));
    assert.ok(Math.abs(found.reduce((sum, one) => sum + one, 0) - count) < 1e-3);
    for (const one of found) assert.ok(Math.abs(one / count - 0.1) < 0.02, `${one}`);
  });

  test('columns are told apart where that is asked for', async () => {
    await fit(
      'columns',
      hundred.map(([value]) => [value, value + 1000]),
    );
    await replica.post(`${path('columns')}/transform`, { data: [[5, 1095]] });
    assert.deepEqual(await totals(replica, 'columns'), { 'column="0",bin="0"': 1, 'column="1",bin="9"': 1 });
  });

  test('a window tells drift from the counts of all replicas', async () => {
    const random = seeded(3);
    const rows = (count: number, shift: number) => Array.from({ length: count }, () => [random(), random() + shift]);
    await fit('window', rows(2000, 0));
    const window = async () => {
      const { status, body } = await replica.send('GET', `${path('window')}/drift?window=1h`);
      assert.equal(status, 200, JSON.stringify(body));
      return body;
    };
    const none = await window();
    assert.deepEqual([none.drifted, none.n_values, none.columns[0].psi], [false, 0, null]);
    await replica.post(`${path('window')}/transform`, { data: rows(300, 0) });
    const same = await window();
    assert.deepEqual([same.drifted, same.n_values, same.n_counted, same.window_seconds], [false, 600, 600, 3600]);
    await service.post(`${path('window')}/transform`, { data: rows(300, 0.3) });
    // The other replica's counts are its own at once, and here when it has written them.
    await service.send('GET', `${path('window')}/drift`);
    const moved = await window();
    assert.deepEqual(
      moved.columns.map(({ name, drifted, n_values: n }: any) => [name, drifted, n]),
      [
        [0, false, 600],
        [1, true, 600],
      ],
    );
    assert.match(moved.reasons[0], /^column 1: PSI/);
    assert.equal((await replica.send('GET', `${path('window')}/drift?window=soon`)).status, 400);
  });
});

test('without a monitor nothing is counted, and a window says so', async () => {
  const service = await startService({ workers: 1, monitor: undefined });
  try {
    await service.post('/v1/normalizers/a/versions', { normalizer: { method: 'zscore' }, data: [[1], [2]] });
    assert.equal((await service.post('/v1/normalizers/a/transform', { data: [[1]] })).status, 200);
    const { status, body } = await service.send('GET', '/v1/normalizers/a/drift');
    assert.deepEqual([status, body.code], [501, 'not_implemented']);
    const metrics = new TextDecoder().decode((await service.send('GET', '/metrics')).body);
    assert.ok(!metrics.includes('norma_transform_values_total'));
  } finally {
    await service.close();
  }
});
