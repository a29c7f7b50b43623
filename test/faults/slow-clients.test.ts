/** Clients that are too slow, and requests that take too long: each ends in time, and holds nothing afterwards. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { writeNpyHeader } from '#formats/npy/header.ts';
import { createPool } from '#pool/pool.ts';
import { type Service, startService } from '../service.ts';
import { fatal } from './mortal-worker.ts';
import { type Connection, head, openTo } from './socket.ts';

const body = '{"normalizer":{"method":"norm"},"data":[3,4],"include":["data"]}';

function isProblem(answer: string, status: number, code: string): void {
  assert.match(answer, new RegExp(`^HTTP/1.1 ${status} `));
  assert.match(answer, /\r\ncontent-type: application\/problem\+json/i);
  assert.match(answer, /\r\nconnection: close\r\n/i);
  assert.ok(answer.includes(`"code":"${code}"`), answer);
}

describe('slow clients', { concurrency: true }, () => {
  let service: Service;
  const lines: string[] = [];
  before(async () => {
    const log = { write: (line: string) => void lines.push(line) };
    service = await startService(
      { stallTimeout: 1, leastRate: 100, headerTimeout: 1, logLevel: 'warn' },
      undefined,
      log,
    );
  });
  after(() => service.close());

  /** Writes a piece of a text every so many milliseconds until it is written or the connection ends. */
  async function trickle({ socket, write }: Connection, text: string, size: number, every: number): Promise<void> {
    for (let at = 0; at < text.length && !socket.destroyed; at += size) {
      write(text.slice(at, at + size));
      await wait(every);
    }
  }

  test('one that stops in the middle of a JSON body gets 408', async () => {
    const connection = await openTo(service.url);
    connection.write(head('/v1/normalize', { 'content-length': body.length }) + body.slice(0, 20));
    isProblem(await connection.ended(), 408, 'request_timeout');
  });

  test('one that stops in the middle of an array that streams gets 408', async () => {
    const connection = await openTo(service.url);
    const header = writeNpyHeader('float64', [1e6, 10]);
    const length = header.length + 8e7;
    const headers = { 'content-type': 'application/x-npy', 'content-length': length };
    connection.write(head('/v1/normalize?method=minmax', headers));
    connection.write(header);
    connection.write(new Uint8Array(3e6));
    isProblem(await connection.ended(), 408, 'request_timeout');
  });

  test('one that is refused, and then sends the rest of its body too slowly, is cut off', async () => {
    const connection = await openTo(service.url);
    connection.write(head('/v1/normalize', { 'content-length': 2 ** 40 }));
    const sent = trickle(connection, ' '.repeat(1000), 1, 200);
    assert.match(await connection.ended(), /^HTTP\/1.1 413 /);
    await sent;
  });

  test('one that sends a byte now and then is cut off', async () => {
    const connection = await openTo(service.url);
    connection.write(head('/v1/normalize', { 'content-length': body.length }));
    const sent = trickle(connection, body, 1, 200);
    isProblem(await connection.ended(), 408, 'request_timeout');
    await sent;
  });

  test('one that is slow, but above the least rate, is answered', async () => {
    const connection = await openTo(service.url);
    const padded = `${' '.repeat(500)}${body}`;
    connection.write(head('/v1/normalize', { 'content-length': padded.length, connection: 'close' }));
    await trickle(connection, padded, 30, 100);
    assert.match(await connection.ended(), /"data":\[0.6,0.8\]/);
  });

  test('one that sends its header byte by byte gets 408', async () => {
    const connection = await openTo(service.url);
    const sent = trickle(connection, head('/v1/normalize', { 'content-length': 2 }), 1, 100);
    isProblem(await connection.ended(), 408, 'request_timeout');
    await sent;
  });

  test('a connection over which nothing comes is closed', async () => {
    const connection = await openTo(service.url);
    await connection.ended();
  });

  test('one that does not read its answer is cut off, and the rest of the answer is not made', async () => {
    const connection = await openTo(service.url);
    connection.socket.pause();
    const rows = 300_000;
    const header = writeNpyHeader('uint8', [rows, 100]);
    const length = header.length + rows * 100;
    const headers = { 'content-type': 'application/x-npy', accept: 'application/x-npy', 'content-length': length };
    connection.write(head('/v1/normalize?method=norm', headers));
    connection.write(header);
    connection.write(new Uint8Array(rows * 100).fill(1));
    for (let tries = 0; (await service.connections()) > 0; tries++) {
      assert.ok(tries < 100, 'the connection is still open');
      await wait(200);
    }
    connection.socket.resume();
    const answer = await connection.ended();
    assert.ok(answer.length < 8 * rows * 100, 'the whole answer came');
    assert.match(lines.join(''), /read less than 100 bytes per second for 1 s.*response cut/);
  });

  test('one that sends for longer than it may stall before it reads is answered in full', async () => {
    const connection = await openTo(service.url);
    connection.socket.pause();
    const rows = 200_000;
    const header = writeNpyHeader('uint8', [rows, 100]);
    const length = header.length + rows * 100;
    const headers = { 'content-type': 'application/x-npy', accept: 'application/x-npy', 'content-length': length };
    connection.write(head('/v1/normalize?method=norm', { ...headers, connection: 'close' }));
    connection.write(header);
    for (let piece = 0; piece < 20; piece++) {
      connection.write(new Uint8Array((rows * 100) / 20).fill(1));
      await wait(150);
    }
    connection.socket.resume();
    const answer = await connection.ended();
    assert.match(answer, /^HTTP\/1.1 200 /);
    assert.ok(answer.length > 8 * rows * 100, `${answer.length} bytes came`);
  });
});

describe('requests that end before their answer', () => {
  let service: Service;
  before(async () => {
    const pool = createPool(1, { entry: new URL('./mortal-worker.ts', import.meta.url) });
    service = await startService({ requestTimeout: 1.5 }, pool);
  });
  after(() => service.close());

  const hanging = { normalizer: { method: 'norm' }, data: [fatal.hang, ...new Array<number>(2 ** 10).fill(1)] };

  /** With one thread, an answer shows that the thread does not hang any more; a new one takes its time to start. */
  async function isFree(): Promise<void> {
    const statuses = [];
    while (statuses.at(-1) !== 200 && statuses.length < 40)
      statuses.push((await service.post('/v1/normalize', { ...hanging, data: [3, 4] })).status);
    assert.equal(statuses.at(-1), 200);
  }

  test('a request that is worked on for longer than it may gets 503 with Retry-After, and its thread is free again', async () => {
    const { status, headers, body: problem } = await service.post('/v1/normalize', hanging);
    assert.equal(status, 503);
    assert.equal(problem.code, 'deadline_exceeded');
    assert.match(headers.get('retry-after') ?? '', /^\d+$/);
    await isFree();
  });

  test('a request that comes for longer than it may gets 408', async () => {
    const connection = await openTo(service.url);
    connection.write(head('/v1/normalize', { 'content-length': 10_000 }));
    while (!connection.socket.destroyed) {
      connection.write(' '.repeat(100));
      await wait(100);
    }
    isProblem(await connection.ended(), 408, 'request_timeout');
  });

  test('when a client leaves, its work ends in the thread too', async () => {
    const asked = request(`${service.url}/v1/normalize`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
    });
    asked.on('error', () => undefined);
    asked.end(JSON.stringify(hanging));
    await once(asked, 'finish');
    await wait(100);
    asked.destroy();
    await isFree();
  });
});
