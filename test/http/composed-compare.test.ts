/** Comparisons, archives and differences of normalizers made of others. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Service, startService } from '../service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const data = {
  columns: ['a', 'b'],
  data: [
    [1, 2],
    [2, 5],
    [4, 1],
    [3, 3],
    [8, 8],
    [1, 4],
    [2, 9],
    [7, 3],
  ],
};

const chain = { method: 'pipeline', steps: [{ method: 'log' }, { method: 'zscore' }] };
const byColumns = { method: 'column_transformer', transformers: [{ columns: ['b'], normalizer: chain }] };

test('they are compared like any other, in JSON, as a picture and as a report that says what they are made of', async () => {
  const normalizers = [{ method: 'minmax' }, chain, byColumns];
  const body = { normalizers, labels: [0, 1, 0, 1, 0, 1, 0, 1], data };
  const { status, body: answer } = await service.post('/v1/compare', body);
  assert.equal(status, 200, JSON.stringify(answer));
  assert.deepEqual(
    answer.normalizers.map(({ normalizer }: { normalizer: { method: string } }) => normalizer.method),
    ['minmax', 'pipeline', 'column_transformer'],
  );
  for (const one of answer.normalizers) assert.equal(one.problem, undefined);
  for (const accept of ['text/html', 'image/svg+xml']) {
    const drawn = await service.post('/v1/compare', body, { accept });
    assert.equal(drawn.status, 200, accept);
    assert.match(Buffer.from(drawn.body).toString(), /log, then zscore/);
  }
});

test('the difference of two versions names parameters by their place, and columns by name', async () => {
  for (const scale of [1, 2]) {
    const rows = data.data.map(([a, b]) => [a, b * scale]);
    const { status, body } = await service.post('/v1/normalizers/made/versions', {
      normalizer: byColumns,
      data: { ...data, data: rows },
    });
    assert.equal(status, 201, JSON.stringify(body));
  }
  const { body: diff } = await service.send('GET', '/v1/normalizers/made/diff?from=1&to=2');
  const [mean] = diff.parameters.filter(({ name }: { name: string }) => name === 'transformers.0.steps.1.mean');
  assert.equal(mean.columns[0].column, 'b');
});
