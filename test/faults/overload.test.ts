/** More than fits: it is refused at once, with the time to wait, and what was admitted is answered. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { type Service, startService } from '../service.ts';
import { startProcess } from '../process.ts';
import { crowd, timeOf } from './crowd.ts';
import { type Connection, head, openTo } from './socket.ts';

const body = '{"normalizer":{"method":"norm"},"data":[3,4],"include":["data"]}';

let service: Service;
before(async () => {
  service = await startService({ queueLimit: 3 * 2 ** 20, queueRequests: 8, connectionLimit: 30 });
});
after(() => service.close());

/** A request that has said how long it is, and sends nothing yet. */
async function holding(bytes: number): Promise<Connection> {
  const connection = await openTo(service.url);
  connection.write(head('/v1/normalize', { 'content-length': bytes, expect: '100-continue' }));
  await until(() => connection.received().includes('\r\n\r\n'));
  return connection;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    assert.ok(tries < 500, 'it does not come about');
    await wait(10);
  }
}

async function close(...connections: Connection[]): Promise<void> {
  for (const { socket } of connections) socket.destroy();
  await until(async () => (await service.post('/v1/normalize', JSON.parse(body))).status === 200);
}

function isRefused(answer: string): void {
  assert.match(answer, /^HTTP\/1.1 503 /);
  assert.match(answer, /\r\nretry-after: \d+\r\n/i);
  assert.match(answer, /"code":"unavailable"/);
}

test('what goes past the bytes that are admitted is refused before it is sent, and what fits is not', async () => {
  const large = await holding(2.5 * 2 ** 20);
  assert.match(large.received(), /^HTTP\/1.1 100 /);
  const refused = await holding(2 ** 20);
  isRefused(refused.received());
  assert.equal((await service.post('/v1/normalize', JSON.parse(body))).status, 200);
  await close(large, refused);
  const again = await holding(2 ** 20);
  assert.match(again.received(), /^HTTP\/1.1 100 /);
  await close(again);
});

test('a client that sends without asking is refused before its body has come', async () => {
  const large = await holding(2.5 * 2 ** 20);
  const refused = await openTo(service.url);
  refused.write(`${head('/v1/normalize', { 'content-length': 2 ** 20 })}{"normalizer"`);
  await until(() => refused.received().includes('}'));
  isRefused(refused.received());
  await close(large, refused);
});

test('what goes past the requests that are admitted is refused; reading and health are not', async () => {
  const all = await Promise.all(Array.from({ length: 8 }, () => holding(100)));
  for (const one of all) assert.match(one.received(), /^HTTP\/1.1 100 /);
  const { status, headers } = await service.post('/v1/normalize', JSON.parse(body));
  assert.equal(status, 503);
  assert.match(headers.get('retry-after') ?? '', /^\d+$/);
  for (const path of ['/health/live', '/health/ready', '/v1/methods', '/metrics'])
    assert.equal((await fetch(service.url + path)).status, 200, path);
  all[0].write(body.padEnd(100));
  await until(() => all[0].received().includes('[0.6,0.8]'));
  assert.equal((await service.post('/v1/normalize', JSON.parse(body))).status, 200);
  await close(...all);
});

test('a body in chunks takes its place while it comes, and one that has no room any more is refused in the middle', async () => {
  const large = await holding(1.5 * 2 ** 20);
  const chunked = await openTo(service.url);
  chunked.write(head('/v1/normalize', { 'transfer-encoding': 'chunked' }));
  const chunk = ' '.repeat(2 ** 16);
  for (let count = 0; count < 32 && !chunked.received(); count++) {
    chunked.write(`${chunk.length.toString(16)}\r\n${chunk}\r\n`);
    await wait(2);
  }
  await until(() => chunked.received().includes('}'));
  isRefused(chunked.received());
  await close(large, chunked);
});

test('a body that inflates takes the place of what it becomes', async () => {
  const large = await holding(1.5 * 2 ** 20);
  const inflating = gzipSync(`${' '.repeat(2 * 2 ** 20)}${body}`);
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  const refused = await service.post('/v1/normalize', inflating, headers);
  assert.equal(refused.status, 503);
  await close(large);
  assert.equal((await service.post('/v1/normalize', inflating, headers)).status, 200);
});

test('a request over one connection too many is told so', async () => {
  const all = await Promise.all(Array.from({ length: 30 }, () => openTo(service.url)));
  const one = await openTo(service.url);
  one.write('GET /health/live HTTP/1.1\r\nhost: norma\r\n\r\n');
  const answer = await one.ended();
  isRefused(answer);
  assert.match(answer, /\r\nconnection: close\r\n/i);
  await close(...all);
});

test('ten times the clients that fit, who take no notice of Retry-After: what is admitted is answered, the rest told when to come', {
  timeout: 60_000,
}, async (t) => {
  const { url } = await startProcess(t, { NORMA_WORKERS: '2', NORMA_QUEUE_REQUESTS: '32' });
  const clients = { url, path: '/v1/normalize', body: Buffer.from(body), warmUp: 0.5, seconds: 1 };
  const full = await crowd({ ...clients, connections: 32 });
  assert.deepEqual([...full.times.keys()], [200], 'what fits is refused');

  const over = crowd({ ...clients, connections: 320 });
  const health: number[] = [];
  for (let times = 0; times < 10; times++) {
    const asked = performance.now();
    assert.equal(await (await fetch(`${url}/health/live`)).text(), '{"status":"live"}');
    health.push(performance.now() - asked);
  }
  const { times, cut, withoutRetryAfter } = await over;
  assert.deepEqual([[...times.keys()].sort((one, other) => one - other), cut, withoutRetryAfter], [[200, 503], 0, 0]);
  const rate = (one: typeof full) => one.times.get(200)?.length ?? 0;
  // It was a seventh before clients who come back at once were made to wait.
  assert.ok(rate({ ...full, times }) > rate(full) / 5, 'the service has no time for what it admitted');
  const told = [full.times, times].map((one) => `${timeOf(one.get(200), 0.99).toFixed(0)} ms`).join(', then ');
  t.diagnostic(
    `p99 of the admitted ${told}; ${rate(full)} and ${rate({ ...full, times })} a second; health ${Math.max(...health).toFixed(0)} ms at most`,
  );
});
