/**
 * Everything at once for a while: small and large requests in several formats, stored normalizers, clients that leave in the
 * middle. Every answer is right, none is refused, and memory stays flat. NORMA_SOAK_SECONDS says how long.
 */
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { request } from 'node:http';
import { test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { writeNpyHeader } from '#formats/npy/header.ts';
import { residentMemory, startProcess } from '../process.ts';
import { head, openTo } from './socket.ts';

const seconds = Number(process.env.NORMA_SOAK_SECONDS ?? 5);

/** MiB that the process may grow from the first third of the time to the end; in a short time it still takes what it needs. */
const mostGrowth = seconds < 30 ? 500 : 150;

const mebibyte = 2 ** 20;

test(`${seconds} s of mixed load: every answer is right, and memory stays flat`, {
  skip: process.platform !== 'linux' && 'the memory of a process is read from /proc',
  timeout: (seconds + 60) * 1000,
}, async (t) => {
  const { url, process: server } = await startProcess(t, { NORMA_WORKERS: '2' });
  const ends = performance.now() + seconds * 1000;
  const counts: Record<string, number> = {};

  /** What was answered, and when: the problem document in full. */
  const told = (path: string, { status, headers }: Response, content: Buffer) =>
    `${path} answered ${status}, Retry-After ${headers.get('retry-after')}, ${content.toString('latin1', 0, 500)}`;

  async function post(
    path: string,
    body: string | Uint8Array<ArrayBuffer>,
    headers: Record<string, string> = {},
  ): Promise<Buffer> {
    const all = { 'content-type': 'application/json', ...headers };
    const answer = await fetch(url + path, { method: 'POST', body, headers: all });
    const content = Buffer.from(await answer.arrayBuffer());
    assert.ok(answer.ok, told(path, answer, content));
    return content;
  }

  const npy = (rows: number, columns: number, fill: number) =>
    Buffer.concat([writeNpyHeader('uint8', [rows, columns]), new Uint8Array(rows * columns).fill(fill)]);

  const clients: Record<string, (round: number) => Promise<void>> = {
    async 'small JSON'() {
      const body = JSON.stringify({ normalizer: { method: 'minmax' }, data: [[1], [2], [3]] });
      assert.deepEqual(JSON.parse(String(await post('/v1/normalize', body))).data, [[0], [0.5], [1]]);
    },
    async 'large JSON'(round) {
      const data = Array.from({ length: 20_000 }, (_, at) => [at % 7, round]);
      const body = JSON.stringify({ normalizer: { method: 'robust' }, data, include: ['fitted'] });
      assert.deepEqual(JSON.parse(String(await post('/v1/normalize', body))).fitted.parameters.center, [3, round]);
    },
    async npy(round) {
      const type = 'application/x-npy';
      const answer = await post('/v1/normalize?method=norm&order=1', npy(500, 100, (round % 9) + 1), {
        'content-type': type,
        accept: type,
      });
      assert.equal(answer.readDoubleLE(answer.length - 8), 0.01);
    },
    async 'large stream'(round) {
      const type = 'application/x-npy';
      const headers = { 'content-type': type, accept: type };
      const answer = await post(
        '/v1/normalize?method=norm&order=1&output_dtype=float32',
        npy(100_000, 100, 1),
        headers,
      );
      assert.equal(answer.length, writeNpyHeader('float32', [100_000, 100]).length + 4e7, `round ${round}`);
    },
    async stored(round) {
      const name = `soak-${round % 20}`;
      const data = [[0], [round + 1]];
      await post(`/v1/normalizers/${name}/versions`, JSON.stringify({ normalizer: { method: 'minmax' }, data }));
      const asked = JSON.stringify({ data: [[(round + 1) / 2]], statistics: false });
      assert.deepEqual(JSON.parse(String(await post(`/v1/normalizers/${name}/transform`, asked))).data, [[0.5]]);
      const removed = await fetch(`${url}/v1/normalizers/${name}`, { method: 'DELETE' });
      assert.equal(removed.status, 204, told(name, removed, Buffer.from(await removed.arrayBuffer())));
    },
    async 'leaves while it sends'(round) {
      const connection = await openTo(url);
      const headers = { 'content-type': 'application/x-npy', 'content-length': 10_000_000 };
      connection.write(head('/v1/normalize?method=norm', headers));
      connection.write(npy(100_000, 99, 1).subarray(0, 1 + ((round * 1_234_567) % 9_000_000)));
      await wait(100);
      connection.socket.destroy();
    },
    async 'leaves while it reads'() {
      const sent = request(`${url}/v1/normalize?method=norm`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-npy', accept: 'application/x-npy' },
      });
      sent.on('error', () => undefined);
      sent.end(npy(50_000, 100, 1));
      await new Promise<void>((resolve) => sent.once('response', (answer) => answer.once('data', resolve)));
      sent.destroy();
      await wait(100);
    },
    async 'is refused'() {
      const headers = { 'content-type': 'application/pdf' };
      const answer = await fetch(`${url}/v1/normalize`, { method: 'POST', body: 'none', headers });
      assert.equal(answer.status, 415, told('/v1/normalize', answer, Buffer.from(await answer.arrayBuffer())));
    },
  };

  const memory: number[] = [];
  async function watch(): Promise<void> {
    while (performance.now() < ends) {
      memory.push(residentMemory(server) / mebibyte);
      await wait(Math.min(1000, seconds * 50));
    }
  }
  async function repeat([name, client]: (typeof entries)[number]): Promise<void> {
    for (let round = 0; performance.now() < ends; round++) {
      await client(round).catch((error: Error) => {
        const after = (seconds - (ends - performance.now()) / 1000).toFixed(1);
        throw new Error(`${name}, round ${round}, after ${after} s: ${error.message}`, { cause: error });
      });
      counts[name] = round + 1;
    }
  }
  const entries = Object.entries(clients);
  await Promise.all([watch(), ...entries.map(repeat)]);

  // The highest of a stretch: what is collected now and then goes up and down.
  const highest = (from: number, to: number) =>
    Math.max(...memory.slice(Math.floor(memory.length * from), Math.ceil(memory.length * to)));
  const [early, late] = [highest(0, 1 / 3), highest(2 / 3, 1)];
  t.diagnostic(`${JSON.stringify(counts)}; memory ${early.toFixed(0)} MiB at first, ${late.toFixed(0)} MiB at last`);
  assert.ok(late - early < mostGrowth, `memory grew from ${early} to ${late} MiB`);
  // Nothing that has ended holds a file or a connection.
  const open = () => readdirSync(`/proc/${server.pid}/fd`).length;
  for (let tries = 0; open() > 60 && tries < 100; tries++) await wait(100);
  assert.ok(open() <= 60, `${open()} files and connections are open`);
  assert.equal(server.exitCode, null);
  await clients['small JSON'](0);
});
