import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Service, startService } from '../service.ts';

const rows = Array.from({ length: 400 }, (_, at) => ({
  site: at % 2 ? 'north' : 'south',
  load: (at % 97) + (at % 2) * 50,
}));
const normalizer = { method: 'grouped', by: 'site', normalizer: { method: 'zscore' } };

let service: Service;
before(async () => {
  service = await startService();
  await service.post('/v1/normalizers/loads/versions', { normalizer, data: rows });
});
after(() => service.close());

test('drift is told of the columns of a normalizer in groups, whatever the order of the batch', async () => {
  const same = await service.post('/v1/normalizers/loads/drift', { data: rows.toReversed() });
  assert.equal(same.status, 200, JSON.stringify(same.body));
  assert.deepEqual([same.body.drifted, same.body.columns[0].name], [false, 'load']);
  const moved = rows.map(({ site, load }) => ({ load: load + 60, site }));
  const { body } = await service.post('/v1/normalizers/loads/drift', { data: moved });
  assert.equal(body.drifted, true);
});
