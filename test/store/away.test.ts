/** A PostgreSQL server that goes away and comes back. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openStore } from '#store/store.ts';
import { type Service, startService } from '../service.ts';
import { noPostgres, type Postgres, startPostgres } from './postgres.ts';

const normalizer = { method: 'minmax' };
const data = [[1], [3]];

describe('a store that is away', { skip: noPostgres }, () => {
  let postgres: Postgres;
  let url: string;
  before(async () => {
    postgres = await startPostgres();
    url = await postgres.newDatabase();
  });
  after(() => postgres.close());

  const statusOf = async (service: Service, path: string) => (await service.send('GET', path)).status;

  async function isBack(service: Service): Promise<void> {
    while ((await statusOf(service, '/health/store')) !== 200) await wait(50);
  }

  async function storedCallsAre503(service: Service): Promise<void> {
    for (const [method, path, body] of [
      ['GET', '/v1/normalizers', undefined],
      ['GET', '/v1/normalizers/a', undefined],
      ['DELETE', '/v1/normalizers/a', undefined],
      ['POST', '/v1/normalizers/a/versions', { normalizer, data }],
      ['POST', '/v1/normalizers/a/transform', { data }],
      ['POST', '/v1/fits', { normalizer }],
    ] as const) {
      const { status, headers, body: problem } = await service.send(method, path, body);
      assert.deepEqual([status, problem.code], [503, 'unavailable'], path);
      assert.ok(Number(headers.get('retry-after')) > 0);
      assert.doesNotMatch(JSON.stringify(problem), /127\.0\.0\.1|ECONN|postgres/i);
    }
  }

  /** All that Kubernetes asks before it sends requests here or ends the pod. */
  async function statelessCallsGoOn(service: Service): Promise<void> {
    for (const probe of ['live', 'started', 'ready'])
      assert.equal(await statusOf(service, `/health/${probe}`), 200, probe);
    assert.equal(await statusOf(service, '/health/store'), 503);
    assert.equal((await service.post('/v1/normalize', { normalizer, data })).status, 200);
  }

  test('is a 503 where it is needed, takes nothing else along, and comes back by itself', {
    timeout: 60_000,
  }, async () => {
    const service = await startService({ store: { kind: 'postgres', url }, workers: 1 });
    try {
      assert.equal((await service.post('/v1/normalizers/a/versions', { normalizer, data })).status, 201);
      assert.equal((await service.post('/v1/normalizers/a/transform', { data })).status, 200);
      await postgres.stop();
      await storedCallsAre503(service);
      await statelessCallsGoOn(service);
      await postgres.start();
      await isBack(service);
      assert.deepEqual((await service.post('/v1/normalizers/a/transform', { data })).body.data, [[0], [1]]);
      assert.equal((await service.post('/v1/normalizers/a/versions', { normalizer, data })).body.version, 2);
    } finally {
      await service.close();
    }
  });

  test('is logged when it goes and when it is back, without stacks, and not with every call', async (t) => {
    const away: unknown[] = [];
    let back = 0;
    const store = await openStore({ kind: 'postgres', url }, (error) => away.push(error), { onBack: () => back++ });
    t.after(() => store.close());
    await postgres.stop();
    for (let at = 0; at < 5; at++) await assert.rejects(store.versions.find('a'), { code: 'unavailable' });
    assert.deepEqual([away.length, back], [1, 0]);
    await postgres.start();
    for (let at = 0; at < 3; at++) await store.versions.find('a');
    assert.deepEqual([away.length, back], [1, 1]);
  });

  test('does not keep the service from starting', { timeout: 60_000 }, async () => {
    const empty = await postgres.newDatabase();
    await postgres.stop();
    const service = await startService({ store: { kind: 'postgres', url: empty }, workers: 1 });
    try {
      await statelessCallsGoOn(service);
      await storedCallsAre503(service);
      await postgres.start();
      await isBack(service);
      assert.equal((await service.post('/v1/normalizers/a/versions', { normalizer, data })).body.version, 1);
    } finally {
      await service.close();
    }
  });

  test('that hangs is not waited for: its connections are cut, and new ones work', { timeout: 60_000 }, async () => {
    const store = await openStore({ kind: 'postgres', url: `${url}?query_timeout=300` }, () => undefined);
    try {
      assert.ok(await store.versions.find('a'));
      postgres.freeze();
      await assert.rejects(store.versions.find('a'), { code: 'unavailable' });
      await assert.rejects(store.ping(), { code: 'unavailable' });
      postgres.thaw();
      assert.ok(await store.versions.find('a'));
    } finally {
      postgres.thaw();
      await store.close();
    }
  });

  test('is told apart from one that can never be used', async () => {
    const nowhere = new URL(url);
    nowhere.pathname = '/nothing';
    const address = { kind: 'postgres', url: nowhere.href } as const;
    await assert.rejects(openStore(address, assert.ifError), (error: Error) =>
      /does not exist/.test(String(error.cause)),
    );
  });
});
