/** What keys, rates and origins change for a client, beside who may call what. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer, request, type IncomingMessage } from 'node:http';
import { json } from 'node:stream/consumers';
import { describe, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { readApiKeys } from '#access/api-keys.ts';
import { openStore } from '#store/store.ts';
import { createPool } from '#pool/pool.ts';
import { createApp } from '../../../src/app.ts';
import { type Config, readConfig } from '../../../src/config/config.ts';
import { audience, claimsOf, issuer, keyPair, keySet, sha256, tokenOf } from '../../access/token.ts';
import { startService } from '../../service.ts';

const apiKeys = readApiKeys(`ci:read:${sha256('secret')} other:read:${sha256('another')}`);
const withKey = (key: string) => ({ authorization: `Bearer ${key}` });

async function start(t: TestContext, settings: Partial<Config>) {
  const service = await startService({ apiKeys, workers: 1, ...settings });
  t.after(() => service.close());
  return service;
}

/** Fetches with the whole body: a connection with an unread one would hold the service open. */
async function ask(url: string, options?: RequestInit): Promise<Response> {
  const response = await fetch(url, options);
  return new Response(response.status === 204 ? null : await response.text(), response);
}

async function statusOf(url: string, headers: Record<string, string> = {}): Promise<number> {
  const response = await ask(url, { headers });
  await response.body?.cancel();
  return response.status;
}

test('health and docs are open, and what else the settings name', async (t) => {
  const paths = ['/health/live', '/health/ready', '/docs', '/docs/static/index.css', '/openapi.json', '/v1/methods'];
  const statuses = async (open?: Config['open']) => {
    const { url } = await start(t, open ? { open } : {});
    return Promise.all(paths.map((path) => statusOf(url + path)));
  };
  assert.deepEqual(await statuses(), [200, 200, 200, 200, 200, 401]);
  assert.deepEqual(await statuses(['docs']), [401, 401, 200, 200, 200, 401]);
  assert.deepEqual(await statuses([]), [401, 401, 401, 401, 401, 401]);
});

test('a path that does not exist is a 404, with a key and without', async (t) => {
  const { url } = await start(t, {});
  assert.equal(await statusOf(`${url}/v1/nothing`), 404);
  assert.equal(await statusOf(`${url}/v1/nothing`, withKey('secret')), 404);
});

test('a request without a key is refused before its body is read', { timeout: 5000 }, async (t) => {
  const { url } = await start(t, {});
  const asked = request(`${url}/v1/normalize`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'content-length': 10_000_000 },
  });
  asked.on('error', () => undefined);
  asked.write('{"normalizer":');
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  assert.equal(answer.statusCode, 401);
  assert.equal(((await json(answer)) as { code: string }).code, 'unauthenticated');
  asked.destroy();
});

test('a route that declares no access keeps the service from starting', async () => {
  const config = readConfig({ NORMA_WORKERS: '1' });
  const pool = createPool(1);
  const store = await openStore({ kind: 'memory' }, () => undefined);
  const app = await createApp({ config, pool, store, logger: pino({ level: 'silent' }), version: '0.0.0' });
  app.get('/v1/forgotten', async () => ({}));
  await assert.rejects(async () => app.ready(), /These routes declare no permission: .*\/v1\/forgotten/);
  await app.close();
  await pool.close();
  await store.close();
});

describe('a rate', () => {
  const rateLimit = { requests: 3, window: 60 };

  test('counts each key by itself, says what is left, and refuses more with Retry-After', async (t) => {
    const { url } = await start(t, { rateLimit });
    const askWith = (key: string) => ask(`${url}/v1/methods/norm`, { headers: withKey(key) });
    for (const left of [2, 1, 0]) {
      const { status, headers } = await askWith('secret');
      assert.equal(status, 200);
      assert.equal(headers.get('ratelimit-policy'), '"default";q=3;w=60');
      assert.match(headers.get('ratelimit') ?? '', new RegExp(`^"default";r=${left};t=\\d+$`));
      assert.equal(headers.get('ratelimit-remaining'), String(left));
    }
    const refused = await askWith('secret');
    assert.equal(refused.status, 429);
    assert.equal(((await refused.json()) as { code: string }).code, 'too_many_requests');
    const wait = Number(refused.headers.get('retry-after'));
    assert.ok(wait >= 1 && wait <= 20, String(wait));
    assert.equal((await askWith('another')).status, 200);
    assert.equal(await statusOf(`${url}/health/live`), 200);
    assert.equal((await askWith('wrong')).status, 401);
  });

  test('counts each address where no keys are asked for', async (t) => {
    const { url } = await start(t, { apiKeys: [], rateLimit });
    const statuses: number[] = [];
    for (let times = 0; times < 4; times++) statuses.push(await statusOf(`${url}/v1/methods`));
    assert.deepEqual(statuses, [200, 200, 200, 429]);
  });

  test('is not there by default', async (t) => {
    const { url } = await start(t, {});
    const { headers } = await ask(`${url}/v1/methods`, { headers: withKey('secret') });
    assert.ok(![...headers.keys()].some((name) => name.startsWith('ratelimit')));
  });
});

describe('pages of other origins', () => {
  const origin = 'https://notebook.example.org';
  const preflight = {
    origin,
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'authorization',
  };

  test('may call the service where the settings name them, after a preflight without a key', async (t) => {
    const { url } = await start(t, { corsOrigins: [origin] });
    const asked = await ask(`${url}/v1/normalize`, { method: 'OPTIONS', headers: preflight });
    assert.equal(asked.status, 204);
    assert.equal(asked.headers.get('access-control-allow-origin'), origin);
    assert.match(asked.headers.get('access-control-allow-methods') ?? '', /POST/);
    assert.equal(asked.headers.get('access-control-allow-headers'), 'authorization');
    const refused = await ask(`${url}/v1/methods`, { headers: { origin } });
    assert.equal(refused.status, 401);
    assert.equal(refused.headers.get('access-control-allow-origin'), origin);
    assert.match(refused.headers.get('vary') ?? '', /origin/i);
    const other = await ask(`${url}/v1/methods`, {
      headers: { origin: 'https://notebook.example.org.evil.example' },
    });
    assert.equal(other.headers.get('access-control-allow-origin'), null);
    assert.equal(other.headers.get('access-control-allow-credentials'), null);
  });

  test('may not by default', async (t) => {
    const { url } = await start(t, {});
    const asked = await ask(`${url}/v1/normalize`, { method: 'OPTIONS', headers: preflight });
    assert.equal(asked.status, 405);
    assert.equal(asked.headers.get('access-control-allow-origin'), null);
  });
});

test('answers tell browsers not to guess, frame or load anything', async (t) => {
  const { url } = await start(t, {});
  for (const path of ['/v1/methods', '/health/live', '/nothing']) {
    const { headers } = await ask(url + path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.match(headers.get('content-security-policy') ?? '', /default-src 'none'; frame-ancestors 'none'/, path);
  }
  const docs = (await ask(`${url}/docs`)).headers.get('content-security-policy') ?? '';
  assert.match(docs, /script-src 'self';/);
  assert.doesNotMatch(docs, /https?:/);
});

describe("an issuer's URL", () => {
  const [first, second] = [keyPair('first'), keyPair('second')];

  async function startIssuer(t: TestContext, answer: () => { status?: number; body: string }) {
    let asked = 0;
    const server = createServer((_request, response) => {
      asked++;
      const { status = 200, body } = answer();
      response.writeHead(status, { 'content-type': 'application/json' }).end(body);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    t.after(() => server.close());
    const jwks = new URL(`http://127.0.0.1:${(server.address() as { port: number }).port}/jwks`);
    return { tokens: { jwks, issuer, audience }, times: () => asked };
  }

  test('is asked once, and its keys are kept', async (t) => {
    const { tokens, times } = await startIssuer(t, () => ({ body: JSON.stringify(keySet(first)) }));
    const { url } = await start(t, { tokens });
    const token = tokenOf(claimsOf('read'), first);
    for (let turn = 0; turn < 3; turn++) assert.equal(await statusOf(`${url}/v1/methods`, withKey(token)), 200);
    // An unknown key does not let anyone make the service ask again and again.
    for (let turn = 0; turn < 3; turn++)
      assert.equal(await statusOf(`${url}/v1/methods`, withKey(tokenOf(claimsOf('read'), second))), 401);
    assert.equal(times(), 1);
  });

  for (const [what, answer] of [
    ['answers with an error', { status: 500, body: '' }],
    ['answers with what is no key set', { body: '{"keys": 1}' }],
    ['answers without an end', { body: `{"keys": [], "more": "${'x'.repeat(2 ** 21)}"}` }],
  ] as const) {
    test(`that ${what} is a 503 for tokens, and none for keys`, async (t) => {
      const { tokens } = await startIssuer(t, () => answer);
      const { url } = await start(t, { tokens });
      assert.equal(await statusOf(`${url}/v1/methods`, withKey(tokenOf(claimsOf('read'), first))), 503);
      assert.equal(await statusOf(`${url}/v1/methods`, withKey('secret')), 200);
    });
  }
});

for (const [name, value, message] of [
  ['NORMA_RATE_LIMIT', '100', /such as 50\/s/],
  ['NORMA_RATE_LIMIT', '0/s', /such as 50\/s/],
  ['NORMA_OPEN', 'docs,none', /none, or a list of health, docs, metrics/],
  ['NORMA_CORS_ORIGINS', 'notebook.example.org', /list of origins/],
  ['NORMA_CORS_ORIGINS', 'https://notebook.example.org/', /list of origins/],
  ['NORMA_JWKS', 'http://issuer.example.org/jwks', /must be https/],
  ['NORMA_JWKS', '/nothing/here', /ENOENT/],
  ['NORMA_JWT_AUDIENCE', 'norma', /go together/],
] as const) {
  test(`${name}=${value} stops the start`, () => {
    assert.throws(
      () => readConfig({ [name]: value }),
      ({ message: text }: Error) => text.includes(name) && message.test(text),
    );
  });
}
