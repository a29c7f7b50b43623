/**
 * Temporary files of bodies and answers are closed when their request ends, however it ends: Node ends the process when one is
 * collected that is not.
 */
import assert from 'node:assert/strict';
import { readdirSync, readlinkSync } from 'node:fs';
import { request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { npyOf } from '../formats/arrays.ts';
import { type Service, startService } from '../service.ts';

let service: Service;
let parquet: Buffer;

const parquetType = 'application/vnd.apache.parquet';
const arrowType = 'application/vnd.apache.arrow.stream';
const [rows, columns] = [250_000, 8];

before(async () => {
  service = await startService({ stallTimeout: 1, leastRate: 100 });
  const values = Float64Array.from({ length: rows * columns }, (_, at) => Math.sin(at));
  const array = npyOf(values, [rows, columns]);
  const response = await fetch(`${service.url}/v1/normalize?method=affine`, {
    method: 'POST',
    headers: { 'content-type': 'application/x-npy', accept: parquetType },
    body: new Uint8Array(array),
  });
  parquet = Buffer.from(await response.arrayBuffer());
});
after(() => service.close());

/** Temporary files that this process has open. */
function openFiles(): number {
  return readdirSync('/proc/self/fd').filter((fd) => {
    try {
      return /\/norma-[-\da-f]{36}/.test(readlinkSync(`/proc/self/fd/${fd}`));
    } catch {
      return false;
    }
  }).length;
}

async function assertClosed(): Promise<void> {
  for (let tries = 0; openFiles() > 0; tries++) {
    assert.ok(tries < 100, `${openFiles()} temporary files are still open`);
    await wait(100);
  }
}

/** A transform whose client does not read, up to a length of what it sends. */
function begin(sent: number) {
  const outgoing = request(`${service.url}/v1/normalize?method=affine`, {
    method: 'POST',
    agent: false,
    headers: { 'content-type': parquetType, accept: arrowType, 'content-length': parquet.length },
  });
  outgoing.on('error', () => undefined);
  outgoing.write(parquet.subarray(0, sent));
  return outgoing;
}

describe('a request whose client', { skip: process.platform !== 'linux' && 'there is no /proc' }, () => {
  test('reads the whole answer leaves none open', async () => {
    const outgoing = begin(parquet.length);
    let size = 0;
    await new Promise((resolve) =>
      outgoing.on('response', (incoming) =>
        incoming.on('data', (data: Buffer) => (size += data.length)).on('end', resolve),
      ),
    );
    assert.ok(size > rows * columns * 8);
    await assertClosed();
  });

  for (const share of [0.05, 0.2, 0.5, 0.9]) {
    test(`leaves while ${share * 100} % of its body is there leaves none open`, async () => {
      const outgoing = begin(Math.floor(share * parquet.length));
      for (let tries = 0; openFiles() === 0 && tries < 50; tries++) await wait(20);
      outgoing.destroy();
      await assertClosed();
    });
  }

  for (const pause of [0, 5, 20, 100, 400]) {
    test(`leaves ${pause} ms after its body has been sent leaves none open`, async () => {
      const outgoing = begin(parquet.length);
      outgoing.end();
      await wait(pause);
      outgoing.destroy();
      await assertClosed();
    });
  }

  test('leaves in the middle of its answer leaves none open', async () => {
    const outgoing = begin(parquet.length);
    await new Promise<void>((resolve) =>
      outgoing.on('response', (incoming) => incoming.once('data', () => resolve()).on('error', () => undefined)),
    );
    outgoing.destroy();
    await assertClosed();
  });

  test('stops reading and is cut off leaves none open', async () => {
    const outgoing = begin(parquet.length);
    await new Promise<void>((resolve) =>
      outgoing.on('response', (incoming) => {
        incoming.on('error', () => undefined);
        incoming.once('data', () => {
          incoming.pause();
          resolve();
        });
      }),
    );
    await wait(3000);
    await assertClosed();
    outgoing.destroy();
  });
});
