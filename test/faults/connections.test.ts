/** Connections: those that send nothing whole end, clients that leave are counted out, and probes have a way of their own. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { describe, test, type TestContext } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import type { Config } from '../../src/config/config.ts';
import { startService } from '../service.ts';
import { head, openTo } from './socket.ts';

type Line = Record<string, unknown>;

async function start(t: TestContext, settings: Partial<Config> = {}) {
  let log = '';
  const stream = { write: (text: string) => void (log += text) };
  const service = await startService({ logLevel: 'info', ...settings }, undefined, stream);
  t.after(() => service.close());
  const lines = () =>
    log
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as Line);
  return { ...service, lines, requests: () => lines().filter(({ msg }) => msg === 'request') };
}

/** A connection whose client neither reads nor closes. */
async function deaf(url: string, text: string): Promise<Socket> {
  const socket = connect({ port: Number(new URL(url).port), host: '127.0.0.1', allowHalfOpen: true });
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  socket.pause();
  socket.write(text);
  return socket;
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  for (let tries = 0; !(await holds()); tries++) {
    assert.ok(tries < 1000, 'it does not come about');
    await wait(10);
  }
}

const large = 'x'.repeat(20_000);

for (const [what, text] of [
  ['nothing', ''],
  ['half a header', 'GET /health/live HTTP/1.1\r\nhost'],
  ['what is no HTTP', 'hello\r\n\r\n'],
  ['a header that is too large', `GET / HTTP/1.1\r\nhost: n\r\nx: ${large}\r\n\r\n`],
]) {
  test(`a client that sends ${what}, and never closes, loses its connection`, async (t) => {
    const service = await start(t, { headerTimeout: 1 });
    const sockets = await Promise.all(Array.from({ length: 20 }, () => deaf(service.url, text)));
    t.after(() => sockets.forEach((socket) => socket.destroy()));
    await until(async () => (await service.connections()) === 0);
  });
}

test('what is refused before it has a route is logged, counted, and has an id and the headers of all answers', async (t) => {
  const service = await start(t);
  const refused: [string, number][] = [
    ['GET /%zz HTTP/1.1\r\nhost: n\r\nconnection: close\r\n\r\n', 400],
    ['hello\r\n\r\n', 400],
    [`GET / HTTP/1.1\r\nhost: n\r\nx: ${large}\r\n\r\n`, 431],
  ];
  for (const [text, status] of refused) {
    const before = service.requests().length;
    const connection = await openTo(service.url);
    connection.write(text);
    const answer = await connection.ended();
    assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
    assert.match(answer, /\r\nx-content-type-options: nosniff\r\n/i);
    assert.match(answer, /\r\ncontent-security-policy: default-src 'none'/i);
    const [, id] = /\r\nx-request-id: (\S+)\r\n/i.exec(answer) ?? [];
    assert.ok(answer.includes(`urn:norma:request:${id}`));
    const lines = service.requests().slice(before);
    assert.deepEqual(
      lines.map((line) => [line.request_id, line.status]),
      [[id, status]],
    );
  }
  const metrics = await (await fetch(`${service.url}/metrics`)).text();
  const counted = (status: number) =>
    Number(
      new RegExp(`^http_request_duration_seconds_count.*route="none".*status_code="${status}".* (\\d+)$`, 'm').exec(
        metrics,
      )?.[1] ?? 0,
    );
  // Of one method each.
  assert.ok(counted(400) >= 1 && counted(431) === 1, metrics);
});

describe('a client that leaves before its answer', () => {
  const body = '{"normalizer":{"method":"norm"},"data":[3,4]}';
  const ways: [string, string, (socket: Socket) => void][] = [
    ['resets a GET', 'GET /v1/methods HTTP/1.1\r\nhost: n\r\n\r\n', (socket) => socket.resetAndDestroy()],
    ['resets a POST', head('/v1/normalize', { 'content-length': body.length }) + body, (s) => s.resetAndDestroy()],
    ['resets half a POST', head('/v1/normalize', { 'content-length': 99 }) + body, (s) => s.resetAndDestroy()],
    ['closes behind a POST', head('/v1/normalize', { 'content-length': body.length }) + body, (s) => s.destroy()],
  ];
  for (const [what, text, leave] of ways) {
    test(`and ${what} is logged, counted, and counted out`, async (t) => {
      const service = await start(t);
      for (let times = 0; times < 50; times++) {
        const socket = await deaf(service.url, text);
        leave(socket);
      }
      await until(async () => (await service.connections()) === 0);
      await wait(200);
      const metrics = await (await fetch(`${service.url}/metrics`)).text();
      assert.match(metrics, /^http_requests_in_progress 1$/m);
      // Those whose request came before the reset, which throws away what was not read.
      const seen = service.requests();
      for (const line of seen.filter(({ complete }) => complete === false))
        assert.ok(line.status === 499 || line.status === 200);
      const counts = [...metrics.matchAll(/^http_request_duration_seconds_count.* (\d+)$/gm)];
      assert.equal(
        counts.reduce((sum, [, count]) => sum + Number(count), 0),
        seen.length,
      );
    });
  }

  test('in the middle of its body is 499', async (t) => {
    const service = await start(t);
    const socket = await deaf(service.url, head('/v1/normalize', { 'content-length': 99 }) + body);
    await wait(100);
    socket.resetAndDestroy();
    await until(() => service.requests().length === 1);
    const [line] = service.requests();
    assert.deepEqual([line.status, line.complete, line.path], [499, false, '/v1/normalize']);
  });
});

test('the admin port answers probes and metrics while the other has no room for anybody', async (t) => {
  const service = await start(t, { adminPort: 0, connectionLimit: 4, keepAliveTimeout: 100 });
  const admin = String(service.lines().find(({ msg }) => String(msg).startsWith('Admin port'))?.msg)
    .split(' ')
    .at(-1);
  const status = async (url: string, path: string) => (await fetch(url + path)).status;
  assert.equal(await status(service.url, '/metrics'), 404);
  assert.equal(await status(service.url, '/health/live'), 200);
  assert.equal(await status(`${admin}`, '/v1/methods'), 404);
  const sockets = await Promise.all(Array.from({ length: 260 }, () => deaf(service.url, '')));
  t.after(() => sockets.forEach((socket) => socket.destroy()));
  // Node takes them in one by one.
  await until(async () => (await status(service.url, '/health/live').catch(() => 503)) === 503);
  for (const path of ['/health/live', '/health/ready', '/metrics'])
    assert.equal(await status(`${admin}`, path), 200, path);
});

test('a long number in the query does not hold the event loop up', async (t) => {
  const service = await start(t);
  const from = performance.now();
  for (let times = 0; times < 20; times++) {
    const answer = await fetch(`${service.url}/v1/normalize?method=minmax&axis=${'1'.repeat(15_000)}x`, {
      method: 'POST',
      body: '[[1],[2]]',
      headers: { 'content-type': 'application/json' },
    });
    assert.equal(answer.status, 400);
    await answer.arrayBuffer();
  }
  // Quadratic, each took half a second.
  assert.ok(performance.now() - from < 5000);
});
