import assert from 'node:assert/strict';
import { test } from 'node:test';
import supertest from 'supertest';
import { createApp } from '../../../src/app.ts';
import { readConfig } from '../../../src/config/config.ts';
import type { Lifecycle } from '#http/plugins/graceful-shutdown.ts';
import { openStore } from '#store/store.ts';
import { createLogger } from '#telemetry/logger.ts';
import { createPool } from '#pool/pool.ts';
import { startService } from '../../service.ts';

test('liveness and readiness answer, and paths that do not exist are problems', async () => {
  const service = await startService();
  const client = supertest(service.url);
  await client.get('/health/live').expect(200, { status: 'live' });
  await client.get('/health/ready').expect(200, { status: 'ready' });
  await client.get('/health/started').expect(200, { status: 'started' });
  await client.get('/health/store').expect(200, { status: 'reachable' });
  await client.head('/health/live').expect(200);
  const { body } = await client
    .get('/health')
    .expect(404)
    .expect('content-type', /^application\/problem\+json/);
  assert.equal(body.code, 'not_found');
  await client.delete('/health/live').expect(405).expect('allow', 'GET, HEAD');
  await service.close();
});

test('a JSON call through supertest, as an application would test against the service', async () => {
  const service = await startService();
  const { body } = await supertest(service.url)
    .post('/v1/normalize')
    .send({ normalizer: { method: 'norm' }, data: [[3, 4]] })
    .expect(200)
    .expect('content-type', /^application\/json/);
  assert.deepEqual(body.data, [[0.6, 0.8]]);
  await service.close();
});

test('readiness is off until all is warm, and as soon as the service stops; liveness stays on', async () => {
  const stage: Lifecycle = { now: 'starting' };
  const config = readConfig({ NORMA_STORE: 'memory:', NORMA_LOG_LEVEL: 'silent' });
  const pool = createPool(1);
  const store = await openStore(config.store, () => undefined);
  const app = await createApp({ config, pool, store, stage, logger: createLogger('silent'), version: '0.0.0' });
  try {
    const url = await app.listen({ port: 0, host: '127.0.0.1' });
    for (const [now, status] of [
      ['starting', 503],
      ['ready', 200],
      ['stopping', 503],
    ] as const) {
      stage.now = now;
      const ready = await fetch(`${url}/health/ready`);
      assert.equal(ready.status, status, now);
      const body = (await ready.json()) as { code?: string };
      assert.equal(body.code, status === 503 ? 'unavailable' : undefined);
      assert.equal((await fetch(`${url}/health/live`)).status, 200, now);
    }
  } finally {
    await app.close();
    await pool.close();
    await store.close();
  }
});
