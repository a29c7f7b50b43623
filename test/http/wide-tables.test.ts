/** Tables of thousands of columns, whose names make long lists in requests and documents. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Service, startService } from '../service.ts';

const names = Array.from({ length: 3000 }, (_, at) => `column ${at}`);
const table = {
  columns: [...names, 'city'],
  data: [0, 1, 2].map((row) => [...names.map((_, at) => row * at), 'Oslo']),
};

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

test('a document with thousands of names is taken back, merged and stored', async () => {
  const { body } = await service.post('/v1/fit', { normalizer: { method: 'maxabs' }, data: table });
  const { fitted } = body;
  assert.deepEqual(fitted.input.columns, names);
  const transformed = await service.post('/v1/transform', { fitted, data: table });
  assert.equal(transformed.status, 200);
  assert.deepEqual(transformed.body.data.data[2], [0, ...names.slice(1).map(() => 1), 'Oslo']);
  assert.equal((await service.post('/v1/merge', { fitted: [fitted, fitted] })).status, 200);
  assert.equal((await service.post('/v1/normalizers/wide/versions', { fitted })).status, 201);
});

test('thousands of columns are selected by name, and taken back by name', async () => {
  const normalizer = { method: 'maxabs', columns: names };
  assert.equal((await service.post('/v1/normalizers/named/versions', { normalizer, data: table })).status, 201);
  const one = await service.post('/v1/normalizers/named/inverse-transform', {
    data: [names.map(() => 1)],
    columns: names,
  });
  assert.deepEqual(one.body.data, [names.map((_, at) => (at === 0 ? 1 : 2 * at))]);
});

test('thousands of labels are text', async () => {
  const data = Array.from({ length: 1200 }, (_, at) => [at % 2, at % 3]);
  const labels = data.map(([side]) => (side === 0 ? 'left' : 'right'));
  const { status, body } = await service.post('/v1/compare', { data, labels, normalizers: [{ method: 'zscore' }] });
  assert.equal(status, 200, JSON.stringify(body).slice(0, 300));
});

/** A line of CSV that is longer than what is read of a body at once. */
const longLine = (cell: (at: number) => string) => Array.from({ length: 150_000 }, (_, at) => cell(at)).join();

for (const [what, cell, lead] of [
  ['plain', (at: number) => `name ${at}`, ''],
  ['quoted', (at: number) => `"name, ${at}"`, ''],
  ['after blank lines', (at: number) => `name ${at}`, '\n\r\n\n'],
] as const) {
  test(`a header of more than a megabyte is read whole, ${what}`, async () => {
    const csv = `${lead}${longLine(cell)}\n${longLine(String)}\n${longLine((at) => String(2 * at))}\n`;
    const answer = await fetch(`${service.url}/v1/normalize?method=maxabs&include=data`, {
      method: 'POST',
      headers: { 'content-type': 'text/csv', accept: 'text/csv' },
      body: csv,
    });
    const text = await answer.text();
    assert.equal(answer.status, 200, text.slice(0, 300));
    const [header, row] = text.split('\n');
    assert.equal(header, longLine(cell));
    assert.equal(
      row,
      longLine((at) => (at === 0 ? '0' : '0.5')),
    );
  });
}
