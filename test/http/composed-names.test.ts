import assert from 'node:assert/strict';
import { test } from 'node:test';
import { startService } from '../service.ts';

test('columns that parts of one kind give have names of their own', async (t) => {
  const service = await startService();
  t.after(() => service.close());
  const whiten = { method: 'whiten', kind: 'pca', n_components: 1 };
  const names = ['a', 'b', 'c', 'd', 'e'];
  const data = [0, 1, 2, 3].map((row) => names.map((_, at) => (row * (at + 3)) % 7));
  const transformers = [
    { columns: ['a', 'b'], normalizer: whiten },
    { columns: ['c', 'd'], normalizer: whiten },
  ];
  const { status, body } = await service.post('/v1/normalize', {
    normalizer: { method: 'column_transformer', transformers },
    data: { columns: names, data },
  });
  assert.equal(status, 200, JSON.stringify(body));
  assert.deepEqual(body.data.columns, ['pca0', 'pca0_2', 'e']);
  assert.deepEqual(
    body.data.data.map((row: number[]) => row[2]),
    data.map((row) => row[4]),
  );
});
