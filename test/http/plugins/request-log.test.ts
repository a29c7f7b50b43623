/** What the log says of a request, and what it never says. */
import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import { Writable } from 'node:stream';
import { readApiKeys } from '#access/api-keys.ts';
import type { Config } from '../../../src/config/config.ts';
import { createLogger } from '#telemetry/logger.ts';
import { claimsOf, sha256, tokenOf, tokens } from '../../access/token.ts';
import { startService } from '../../service.ts';

type Line = Record<string, unknown>;

/** A service whose log is kept. */
async function start(t: TestContext, settings: Partial<Config> = {}) {
  const log = keptLog();
  const service = await startService({ workers: 1, logLevel: 'trace', ...settings }, undefined, log.stream);
  t.after(() => service.close());
  return { ...service, text: log.text, line: (id: string) => log.lines().filter((line) => line.request_id === id) };
}

function keptLog() {
  let text = '';
  const stream = new Writable({
    write(chunk, _encoding, done) {
      text += chunk;
      done();
    },
  });
  const lines = () =>
    text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  return { stream, text: () => text, lines };
}

const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

test('a request is one line, under the id that the client gave and its trace', async (t) => {
  const { url, line } = await start(t);
  const response = await fetch(`${url}/v1/methods/norm?a=b`, { headers: { 'x-request-id': 'my-1', traceparent } });
  assert.equal(response.headers.get('x-request-id'), 'my-1');
  await response.text();
  const [only, ...others] = line('my-1');
  assert.equal(others.length, 0);
  const { duration_ms, time, pid, hostname, ...rest } = only;
  assert.ok(time && pid && hostname);
  assert.ok(typeof duration_ms === 'number' && duration_ms > 0 && duration_ms < 10_000);
  assert.deepEqual(rest, {
    level: 30,
    request_id: 'my-1',
    msg: 'request',
    trace_id: '0af7651916cd43dd8448eb211c80319c',
    parent_id: 'b7ad6b7169203331',
    method: 'GET',
    path: '/v1/methods/norm',
    route: '/v1/methods/:method',
    status: 200,
    address: '127.0.0.1',
    complete: true,
  });
});

test('an id that is no plain name is replaced, and an error names the id that the log has', async (t) => {
  const { url, line } = await start(t);
  const seen = new Set<string>();
  for (const id of ['', 'a b', '{"level":60}', 'x'.repeat(129), '$(reboot)', undefined]) {
    const response = await fetch(`${url}/nothing`, { headers: id === undefined ? {} : { 'x-request-id': id } });
    const own = response.headers.get('x-request-id') ?? '';
    assert.match(own, /^[\w-]{12}-\d+$/);
    const { instance } = (await response.json()) as { instance: string };
    assert.equal(instance, `urn:norma:request:${own}`);
    assert.equal(line(own).length, 1);
    seen.add(own);
  }
  assert.equal(seen.size, 6);
});

test('a traceparent that is none counts for nothing', async (t) => {
  const { url, line } = await start(t);
  const bad = ['00-0-0-01', traceparent.toUpperCase(), `${traceparent}-more`, traceparent.replace(/^00/, 'ff')];
  for (const [at, header] of bad.entries()) {
    await fetch(`${url}/health`, { headers: { 'x-request-id': `t${at}`, traceparent: header } });
    assert.equal(line(`t${at}`)[0].trace_id, undefined, header);
  }
  // A later version may have more after what is known.
  await fetch(`${url}/health`, { headers: { 'x-request-id': 'later', traceparent: `01${traceparent.slice(2)}-more` } });
  assert.equal(line('later')[0].trace_id, '0af7651916cd43dd8448eb211c80319c');
});

test('probes and scrapes are not logged', async (t) => {
  const { url, text } = await start(t, { logLevel: 'info' });
  for (const path of ['/health/live', '/health/ready', '/metrics']) await (await fetch(url + path)).text();
  assert.doesNotMatch(text(), /\/health|\/metrics/);
});

test('without keys the log says once that the service is open', async (t) => {
  const { url, text } = await start(t);
  for (let times = 0; times < 3; times++) await (await fetch(`${url}/v1/methods`)).text();
  assert.equal(text().match(/NORMA_API_KEYS is empty/g)?.length, 1);
});

describe('the log has no secret and no data', () => {
  const key = 'a-key-that-nobody-may-read';
  const value = '271828.1828459';
  const token = tokenOf(claimsOf('read'));

  test('whatever becomes of a request', async (t) => {
    const apiKeys = readApiKeys(`ci:read:${sha256(key)}`);
    const service = await start(t, { apiKeys, tokens });
    const json = JSON.stringify({ normalizer: { method: 'minmax' }, data: [[Number(value)], [2]] });
    const send = async (path: string, authorization: string, body: string, type = 'application/json') => {
      const headers = { authorization, 'content-type': type, cookie: `session=${key}` };
      await (await fetch(service.url + path, { method: 'POST', headers, body })).text();
    };
    for (const authorization of [`Bearer ${key}`, `Bearer ${token}`, `Bearer x${key}`, `Basic ${btoa(`u:${key}`)}`]) {
      await send('/v1/normalize', authorization, json);
      await send(`/v1/describe?statistics=[${value}]&mean=${value}`, authorization, json);
      await send('/v1/normalize', authorization, json.slice(0, -3));
      await send('/v1/normalize', authorization, json.replace(value, `"${value}"`));
      await send('/v1/normalize?method=norm', authorization, `\x93NUMPY${value}`, 'application/x-npy');
      await send(`/v1/nothing?key=${key}`, authorization, json);
    }
    const text = service.text();
    assert.ok(text.includes('"caller":"ci"') && text.includes('"caller":"token:someone"'));
    for (const secret of [key, sha256(key), value, value.slice(0, 9), token, token.split('.')[2], btoa(`u:${key}`)])
      assert.ok(!text.includes(secret), secret);
  });

  test('nor what an error of a library carries along', () => {
    const log = keptLog();
    const logger = createLogger('info', log.stream);
    const error = Object.assign(
      new Error('insert failed', { cause: Object.assign(new Error('why'), { row: value }) }),
      {
        code: '23502',
        detail: `Failing row contains (${value}).`,
        parameters: [value],
      },
    );
    logger.error({ err: error }, 'request failed');
    const [{ err }] = log.lines() as { err: Line }[];
    assert.deepEqual([err.type, err.message, err.code], ['Error', 'insert failed', '23502']);
    assert.equal((err.cause as Line).message, 'why');
    assert.ok(err.stack);
    assert.ok(!log.text().includes(value));
  });
});
