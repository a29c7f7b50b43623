/** Tables in production: columns go by name in updates, differences, drift and counts, whatever their order. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { seeded } from '../seeded.ts';
import { type Service, startService } from '../service.ts';

let service: Service;
before(async () => {
  service = await startService({ workers: 1, monitor: { columnsOf: 'all', lifetime: 3600 } });
});
after(() => service.close());

const csv = { 'content-type': 'text/csv' };
const random = seeded(11);
/** Uniform columns: a in [0, 1), b in [10, 20), c in [100, 300). */
const sample = (count: number) =>
  Array.from({ length: count }, () => ({ a: random(), b: 10 + 10 * random(), c: 100 + 200 * random() }));
type Row = ReturnType<typeof sample>[number];

function toCsv(rows: readonly Row[], columns: readonly (keyof Row)[]): Buffer {
  return Buffer.from([columns.join(','), ...rows.map((row) => columns.map((name) => row[name]).join(','))].join('\n'));
}

async function send(path: string, rows: readonly Row[], columns: (keyof Row)[], headers = {}): Promise<any> {
  const { status, body } = await service.post(`/v1/normalizers/${path}`, toCsv(rows, columns), { ...csv, ...headers });
  assert.ok(status < 300, JSON.stringify(body));
  return body;
}

test('an update with the columns in another order is the fit of all rows', async () => {
  const [first, second] = [sample(30), sample(20)];
  for (const query of ['method=minmax', 'method=minmax&columns=a,c']) {
    const name = `update-${query.length}`;
    await send(`${name}/versions?${query}`, first, ['a', 'b', 'c']);
    const { fitted, version } = await send(`${name}/update`, second, ['c', 'a', 'b']);
    const { body } = await service.post(`/v1/fit?${query}`, toCsv([...first, ...second], ['a', 'b', 'c']), csv);
    assert.equal(version, 2);
    const { normalizer, input, parameters, n_samples_seen: seen } = body.fitted;
    assert.deepEqual(fitted.normalizer, normalizer);
    assert.deepEqual(fitted.input, input);
    assert.deepEqual(fitted.parameters, parameters);
    assert.deepEqual(fitted.n_samples_seen, seen);
    const whole = await send(`${name}-whole/versions?${query}`, [...first, ...second], ['a', 'b', 'c']);
    assert.deepEqual(fitted.profile.mean.map(rounded), whole.fitted.profile.mean.map(rounded));
    assert.deepEqual(fitted.profile.max, whole.fitted.profile.max);
  }
});

test('lists and differences name the columns, and one that is gone is a breaking change', async () => {
  await send('named/versions?method=zscore', sample(30), ['a', 'b', 'c']);
  const without = toCsv(sample(30), ['a', 'c']);
  const refused = await service.post('/v1/normalizers/named/versions?method=zscore', without, csv);
  assert.deepEqual([refused.status, refused.body.code], [409, 'breaking_change']);
  assert.match(refused.body.detail, /Columns are gone: b\./);
  const shifted = sample(30).map((row) => ({ ...row, c: row.c + 1000 }));
  await send('named/versions?method=zscore', shifted, ['a', 'b', 'c']);
  const info = await service.send('GET', '/v1/normalizers/named/versions/2/info');
  assert.deepEqual(info.body.columns, ['a', 'b', 'c']);
  const { body } = await service.send('GET', '/v1/normalizers/named/diff?from=1');
  const mean = body.parameters.find(({ name }: { name: string }) => name === 'mean');
  assert.equal(mean.columns[0].column, 'c');
});

test('drift is found in the column that moved, by name, whatever the order, and in some of them', async () => {
  await send('drifts/versions?method=zscore', sample(1000), ['a', 'b', 'c']);
  const moved = sample(200).map((row) => ({ ...row, c: row.c + 100 }));
  for (const columns of [
    ['a', 'b', 'c'],
    ['c', 'b', 'a'],
  ] as (keyof Row)[][]) {
    const drift = await send('drifts/drift', moved, columns);
    const found = drift.columns.map(({ name, drifted }: { name: string; drifted: boolean }) => [name, drifted]);
    assert.deepEqual(found, [
      ['a', false],
      ['b', false],
      ['c', true],
    ]);
    assert.match(drift.reasons[0], /^c: /);
  }
});

test('transforms are counted by the deciles of their own columns', async () => {
  await send('counts/versions?method=minmax', sample(1000), ['a', 'b', 'c']);
  const rows = sample(50);
  await send('counts/transform', rows, ['c', 'a', 'b'], { accept: 'application/json' });
  await send('counts/transform', rows, ['b', 'c', 'a'], { accept: 'text/csv' });
  await send('counts/transform?missing_columns=ignore', rows, ['c', 'a'], { accept: 'text/csv' });
  const { body } = await service.send('GET', '/v1/normalizers/counts/drift?window=1h');
  const columns = body.columns as { name: string; n_values: number; out_of_range_share: number }[];
  assert.deepEqual(
    columns.map(({ name, n_values: count }) => [name, count]),
    [
      ['a', 150],
      ['b', 100],
      ['c', 150],
    ],
  );
  // In the bins of another column, every value would be out of range.
  for (const { out_of_range_share: share } of columns) assert.ok(share < 0.1, JSON.stringify(columns));
});

function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
