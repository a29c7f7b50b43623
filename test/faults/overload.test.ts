/** More than fits: it is refused at once, with the time to wait, and what was admitted is answered. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { writeNpyHeader } from '#formats/npy/header.ts';
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

/** A request of which so many bytes have come, and which is not at its end. */
async function holding(bytes: number): Promise<Connection> {
  const connection = await openTo(service.url);
  connection.write(head('/v1/normalize', { 'content-length': bytes + 1 }) + ' '.repeat(bytes));
  await wait(100);
  return connection;
}

/** A request that has said how long it is, and asks whether to send that. */
async function asking(bytes: number): Promise<Connection> {
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

test('what goes past the bytes that are held is refused before it is sent, and what fits is not', async () => {
  const large = await holding(1.5 * 2 ** 20);
  const refused = await asking(2 ** 20);
  isRefused(refused.received());
  assert.equal((await service.post('/v1/normalize', JSON.parse(body))).status, 200);
  await close(large, refused);
  const again = await asking(2 ** 20);
  assert.match(again.received(), /^HTTP\/1.1 100 /);
  await close(again);
});

test('a client that sends without asking is refused before its body has come', async () => {
  const large = await holding(1.5 * 2 ** 20);
  const refused = await openTo(service.url);
  refused.write(`${head('/v1/normalize', { 'content-length': 2 ** 20 })}{"normalizer"`);
  await until(() => refused.received().includes('}'));
  isRefused(refused.received());
  await close(large, refused);
});

test('uploads on their way hold no place, and neither does one that never sends', async () => {
  const all = await Promise.all(Array.from({ length: 20 }, () => asking(100)));
  for (const one of all) assert.match(one.received(), /^HTTP\/1.1 100 /);
  const { status } = await service.post('/v1/normalize', JSON.parse(body));
  assert.equal(status, 200);
  all[0].write(body.padEnd(100));
  await until(() => all[0].received().includes('[0.6,0.8]'));
  await close(...all);
});

test('a slow upload of a large array that streams keeps nobody out', async () => {
  const connection = await openTo(service.url);
  const header = writeNpyHeader('float64', [2 ** 20, 24]);
  const length = header.length + 2 ** 23 * 24;
  connection.write(head('/v1/describe', { 'content-type': 'application/x-npy', 'content-length': length }));
  connection.write(header);
  connection.write(new Uint8Array(1e6));
  await wait(200);
  for (let times = 0; times < 20; times++)
    assert.equal((await service.post('/v1/normalize', JSON.parse(body))).status, 200);
  const json = JSON.stringify({ normalizer: { method: 'norm' }, data: [3, 4], include: ['data'] }).padEnd(2e6);
  const { status } = await service.post('/v1/normalize', Buffer.from(json), { 'content-type': 'application/json' });
  assert.equal(status, 200);
  await close(connection);
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

const large = JSON.stringify({
  normalizer: { method: 'minmax' },
  data: Array.from({ length: 1500 }, (_, row) => Array.from({ length: 16 }, (_, at) => Math.sin(row * 16 + at))),
  include: ['fitted'],
});

/** So many clients at once, each with a connection of its own; the statuses that they get. */
async function burst(url: string, count: number): Promise<Map<number, number>> {
  const statuses = new Map<number, number>();
  const { port } = new URL(url);
  const message = head('/v1/normalize', { 'content-length': body.length, connection: 'close' }) + body;
  await Promise.all(
    Array.from({ length: count }, async () => {
      const connection = await openTo(`http://127.0.0.1:${port}`);
      connection.write(message);
      const status = Number((await connection.ended()).slice(9, 12));
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }),
  );
  return statuses;
}

/** Milliseconds for which answers must be late before requests are refused. */
const sustainedMs = 2000;

test('1,000 small requests at once are queued and all answered, from a cold start and warm', {
  timeout: 110_000,
}, async (t) => {
  const rounds = Number(process.env.NORMA_BURSTS ?? (process.env.NORMA_CI_STRICT ? 6 : 2));
  const { url } = await startProcess(t, { NORMA_WORKERS: '2' });
  for (let round = 0; round < rounds; round++) {
    const from = performance.now();
    const statuses = await burst(url, 1000);
    // Where a machine takes so long for them, it is no burst any more.
    if (performance.now() - from < sustainedMs) assert.deepEqual([...statuses], [[200, 1000]]);
    else assert.ok((statuses.get(200) ?? 0) + (statuses.get(503) ?? 0) === 1000);
  }
});

const crowds: [what: string, settings: Record<string, string>, fit: number, path: string, body: string][] = [
  ['small requests, with the default limits', {}, 64, '/v1/normalize', body],
  ['requests of half a megabyte', { NORMA_QUEUE_REQUESTS: '32' }, 32, '/v1/fit', large],
];
for (const [what, settings, connections, path, body] of crowds) {
  test(`ten times the clients that fit, who take no notice of Retry-After: what is admitted is answered, the rest told when to come; ${what}`, {
    timeout: 60_000,
  }, async (t) => {
    const { url } = await startProcess(t, { NORMA_WORKERS: '2', ...settings });
    const clients = { url, path, body: Buffer.from(body), warmUp: 1, seconds: 1 };
    const full = await crowd({ ...clients, connections });
    assert.deepEqual([...full.times.keys()], [200], 'what fits is refused');

    // Refusing begins after two seconds at the latest, and what waits by then is answered.
    const over = crowd({ ...clients, warmUp: 4, connections: 10 * connections });
    // From the first moment on, and over new connections, as orchestrators ask.
    const health: number[] = [];
    for (let times = 0; times < 101; times++) {
      const asked = performance.now();
      const answer = await fetch(`${url}/health/live`, { headers: { connection: 'close' } });
      assert.equal(await answer.text(), '{"status":"live"}');
      health.push(performance.now() - asked);
      await wait(10);
    }
    const { times, cut, withoutRetryAfter } = await over;
    assert.deepEqual([[...times.keys()].sort((one, other) => one - other), cut, withoutRetryAfter], [[200, 503], 0, 0]);
    const answered = [full.times, times].map((one) => one.get(200));
    const rates = answered.map((one) => one?.length ?? 0);
    // Far from what is usual, so that only a collapse fails, and no busy machine: the figures are told below.
    assert.ok(rates[1] > rates[0] / 20, `the service answers ${rates[1]} instead of ${rates[0]} a second`);
    const medians = answered.map((one) => timeOf(one, 0.5));
    assert.ok(medians[1] < 20 * medians[0], `the admitted take ${medians[1]} ms instead of ${medians[0]} ms`);
    assert.ok(health.sort((one, other) => one - other)[50] < 1000, `health takes ${health}`);
    const told = answered.map((one) => `${timeOf(one, 0.99).toFixed(0)} ms`).join(', then ');
    t.diagnostic(
      `p99 of the admitted ${told}; ${rates.join(', then ')} a second; health ${health[100].toFixed(0)} ms at most`,
    );
  });
}
