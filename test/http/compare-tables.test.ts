/** A comparison on a table: normalizers select columns by name, and what is told of the data is told per column. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Service, startService } from '../service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const columns = ['city', 'age', 'pay', 'group'];
const data = Array.from({ length: 12 }, (_, row) => [`c${row}`, row, row ** 2, row % 2]);

async function compare(normalizers: object[], more: object = {}): Promise<any> {
  const answer = await service.post('/v1/compare', { normalizers, data: { columns, data }, ...more });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

test('columns are selected by name, or by their places in the table as sent', async () => {
  const { normalizers } = await compare([
    { method: 'zscore', columns: ['pay'] },
    { method: 'zscore', columns: [2] },
    { method: 'zscore' },
  ]);
  const [byName, byPlace, all] = normalizers;
  assert.deepEqual(byName.normalizer.columns, ['pay']);
  assert.deepEqual(byPlace, byName);
  assert.deepEqual(all.statistics.columns, ['age', 'pay', 'group']);
  assert.deepEqual(byName.statistics.mean[0], 5.5);
  assert.ok(Math.abs(byName.statistics.mean[1]) < 1e-12);
});

test('statistics of a table are per column, unless others are asked for', async () => {
  const { input } = await compare([{ method: 'minmax' }]);
  assert.deepEqual(input.statistics.columns, ['age', 'pay', 'group']);
  assert.deepEqual(input.statistics.minmax, [
    [0, 0, 0],
    [11, 121, 1],
  ]);
  const whole = await compare([{ method: 'minmax' }], { statistics: { axis: null } });
  assert.deepEqual(whole.input.statistics.minmax, [0, 121]);
});

test('a column that is unknown, holds text or is a label is an error of its normalizer alone', async () => {
  const asked = [['pays'], ['city'], ['group'], ['age']].map((selected) => ({ method: 'minmax', columns: selected }));
  const { normalizers } = await compare(asked, { labels: 'group' });
  const told = normalizers.map(({ problem }: any) => problem && [problem.code, problem.errors[0].pointer]);
  assert.deepEqual(told, [
    ['unknown_columns', '/normalizers/0/columns/0'],
    ['not_numeric', '/normalizers/1/columns/0'],
    ['unknown_columns', '/normalizers/2/columns/0'],
    undefined,
  ]);
  assert.match(normalizers[0].problem.detail, /did you mean "pay"/);
  assert.match(normalizers[2].problem.detail, /"group" is no feature here: these are "age" and "pay"/);
});

test('the report has a row for each column, by its name', async () => {
  const response = await fetch(`${service.url}/v1/compare`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept: 'text/html' },
    body: JSON.stringify({ data: { columns, data } }),
  });
  const html = await response.text();
  for (const name of ['age', 'pay', 'group']) assert.match(html, new RegExp(`<th scope="row">${name}</th>`));
});
