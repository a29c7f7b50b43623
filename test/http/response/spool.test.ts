import assert from 'node:assert/strict';
import { once } from 'node:events';
import { connect } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { spoolResponse } from '#http/response/spool.ts';
import { writeNpyHeader } from '#formats/npy/header.ts';
import { noSmallDisk, type SmallDisk, smallDisk } from '../../faults/small-disk.ts';
import { startService } from '../../service.ts';

async function* numbered(count: number, size: number, made: { count: number }): AsyncGenerator<Uint8Array, void> {
  for (let at = 0; at < count; at++) {
    made.count = at + 1;
    yield new Uint8Array(size).fill(at % 251);
  }
}

test('while the request comes, an answer that nobody reads is made to its end, in memory and in a file', async () => {
  const made = { count: 0 };
  const stream = spoolResponse(numbered(60, 2 ** 20, made), () => false);
  while (made.count < 60) await wait(5);
  let at = 0;
  for await (const piece of stream as AsyncIterable<Uint8Array>) {
    for (const byte of [piece[0], piece[piece.length - 1]]) assert.equal(byte, Math.floor(at / 2 ** 20) % 251);
    at += piece.length;
  }
  assert.equal(at, 60 * 2 ** 20);
});

describe('where temporary files find no room', { skip: noSmallDisk }, () => {
  const temporary = process.env.TMPDIR;
  let disk: SmallDisk;
  before(() => {
    disk = smallDisk(3);
    process.env.TMPDIR = disk.folder;
  });
  after(() => {
    if (temporary === undefined) delete process.env.TMPDIR;
    else process.env.TMPDIR = temporary;
    disk.remove();
  });

  test('what the disk does not take waits in memory, and every byte comes', async () => {
    const made = { count: 0 };
    const told: unknown[] = [];
    // Pieces that no whole number of pages holds: the disk takes a part of one.
    const size = 1_000_003;
    const stream = spoolResponse(
      numbered(20, size, made),
      () => false,
      32 * 2 ** 20,
      (error) => told.push(error),
    );
    while (made.count < 20) await wait(5);
    const pieces: Buffer[] = [];
    for await (const piece of stream as AsyncIterable<Buffer>) pieces.push(piece);
    const whole = Buffer.concat(pieces);
    const expected = Buffer.concat(Array.from({ length: 20 }, (_, at) => new Uint8Array(size).fill(at % 251)));
    assert.ok(whole.equals(expected), 'other bytes came than were made');
    assert.deepEqual(
      told.map((error) => (error as NodeJS.ErrnoException).code),
      ['ENOSPC'],
    );
  });

  test('an answer over the limit of a request is cut rather than held', async () => {
    const made = { count: 0 };
    const stream = spoolResponse(numbered(100, 2 ** 20, made), () => false, 16 * 2 ** 20);
    await assert.rejects(once(stream, 'end'), { code: 'ENOSPC' });
    assert.ok(made.count < 25, `${made.count} MiB were made`);
  });

  test('without a folder for them it is the same', async () => {
    process.env.TMPDIR = `${disk.folder}/nothing`;
    const stream = spoolResponse(numbered(20, 2 ** 20, { count: 0 }), () => false);
    let bytes = 0;
    for await (const piece of stream as AsyncIterable<Buffer>) bytes += piece.length;
    assert.equal(bytes, 20 * 2 ** 20);
  });
});

test('once the request is complete, a reader who stops stops the work', async () => {
  const made = { count: 0 };
  const stream = spoolResponse(numbered(1000, 2 ** 20, made), () => true);
  await wait(100);
  const stopped = made.count;
  await wait(100);
  assert.equal(made.count, stopped);
  assert.ok(stopped < 20, `${stopped} pieces were made ahead`);
  stream.destroy();
});

test('a fault in the answer destroys the stream', async () => {
  async function* broken(): AsyncGenerator<Uint8Array, void> {
    yield new Uint8Array(10);
    throw new Error('broken');
  }
  await assert.rejects(async () => {
    for await (const _ of spoolResponse(broken(), () => true)) await wait(1);
  }, /broken/);
});

test('a client that sends its whole request before it reads gets its whole answer', async () => {
  const service = await startService();
  const rows = 30_000;
  const header = writeNpyHeader('uint8', [rows, 784]);
  const pixels = new Uint8Array(rows * 784).fill(1);
  const socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  socket.pause();
  socket.write(
    `POST /v1/normalize?method=norm&output_dtype=float32 HTTP/1.1\r\nHost: norma\r\nContent-Type: application/x-npy\r\n` +
      `Accept: application/x-npy\r\nContent-Length: ${header.length + pixels.length}\r\nConnection: close\r\n\r\n`,
  );
  socket.write(header);
  await new Promise((resolve) => socket.write(pixels, resolve));
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  socket.resume();
  await once(socket, 'close');
  const answer = Buffer.concat(chunks);
  const start = answer.indexOf('\r\n\r\n') + 4;
  assert.match(answer.toString('latin1', 0, start), /^HTTP\/1\.1 200 /);
  assert.equal(answer.length - start, writeNpyHeader('float32', [rows, 784]).length + rows * 784 * 4);
  assert.equal(answer.readFloatLE(answer.length - 4), Math.fround(1 / 28));
  await service.close();
});
