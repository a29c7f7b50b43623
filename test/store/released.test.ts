/** What an earlier release stored, as test/fixtures/store/make.ts made it there, opened by this one. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Service, startService } from '../service.ts';
import { eachStore, fixture, restoreReleased } from './each-store.ts';

eachStore('a store of an earlier release', (kind) => {
  const { id, committed, documents } = JSON.parse(readFileSync(fixture(`${kind.name}.json`), 'utf8')) as {
    id: string;
    committed: string;
    documents: Record<string, object>;
  };
  let service: Service;
  before(async () => {
    const store = await kind.address();
    await restoreReleased(store);
    service = await startService({ store, workers: 1 });
  });
  after(() => service.close());

  test('every document is there, and as it was', async () => {
    for (const [path, document] of Object.entries(documents)) {
      const { status, body } = await service.send('GET', `/v1/normalizers/${path}`);
      assert.deepEqual([status, body], [200, document], path);
    }
  });

  test('lists tell what its documents say, and that nobody named, tagged or signed them', async () => {
    const { body } = await service.send('GET', '/v1/normalizers/counted/versions');
    assert.deepEqual(
      body.versions.map(({ version, shape, n_samples_seen: seen, tags, created_by: by, aliases }: any) => ({
        version,
        shape,
        seen,
        tags,
        by,
        aliases,
      })),
      [1, 2].map((version) => ({ version, shape: [null, 2], seen: 3, tags: {}, by: null, aliases: [] })),
    );
  });

  test('a number of a deleted version is not used again', async () => {
    const { status, body } = await service.post('/v1/normalizers/counted/update', { data: [[1, 2]] });
    assert.deepEqual([status, body.version, body.fitted.n_samples_seen], [201, 4, 4]);
  });

  test('a version is guarded against a break, and can be aliased', async () => {
    const path = '/v1/normalizers/wide';
    const refused = await service.post(`${path}/versions`, { normalizer: { method: 'maxabs' }, data: [[1], [2]] });
    assert.deepEqual([refused.status, refused.body.code], [409, 'breaking_change']);
    assert.equal((await service.send('PUT', `${path}/aliases/production`, { version: 1 })).status, 201);
    assert.equal((await service.send('GET', `${path}/versions/production`)).status, 200);
  });

  test('a fit in parts goes on, and one that is committed answers the same', async () => {
    assert.equal((await service.send('PUT', `/v1/fits/${id}/parts/b`, { data: [[7, 0]] })).status, 200);
    const { body } = await service.post(`/v1/fits/${id}/commit`, {});
    assert.equal(body.fitted.n_samples_seen, 3);
    const again = await service.post(`/v1/fits/${committed}/commit`, { name: 'committed' });
    assert.deepEqual([again.body.version, again.body.fitted], [1, documents['committed/versions/1']]);
  });
});
