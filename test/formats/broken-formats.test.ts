/** Broken bodies of every format: a 4xx that says so, never a 5xx, a crash, or memory that grows. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { residentMemory, startProcess } from '../process.ts';
import { type Service, startService } from '../service.ts';
import { type BrokenBody, bomb, brokenBodies } from './broken-bodies.ts';
import { exchange } from '../http/exchange.ts';
import { requestFormats } from './formats.ts';
import { multipartOf } from './multipart/multiparts.ts';

let service: Service;
before(async () => {
  service = await startService({ bodyLimit: 16 * 2 ** 20 });
});
after(() => service.close());

const path = '/v1/fit?method=zscore';

/** Requests that are under way at once. */
const width = 16;

async function send(url: string, { type, body }: Pick<BrokenBody, 'type' | 'body'>, coding = 'identity') {
  const response = await fetch(url + path, {
    method: 'POST',
    headers: { 'content-type': type, 'content-encoding': coding },
    body: new Uint8Array(body),
    signal: AbortSignal.timeout(20_000),
  });
  return { status: response.status, type: response.headers.get('content-type'), text: await response.text() };
}

function isProblem({ status, type, text }: Awaited<ReturnType<typeof send>>, what: string): void {
  assert.ok(status >= 400 && status < 500, `${what}: ${status} ${text.slice(0, 300)}`);
  assert.match(type ?? '', /^application\/problem\+json/, what);
  assert.ok(text.length < 2000, what);
}

/** Sends bodies, some at once, and hands over what came of each. */
async function sendAll(
  bodies: readonly { what: string; type: string; body: Uint8Array }[],
  each: (answer: Awaited<ReturnType<typeof send>>, what: string) => void,
): Promise<void> {
  const left = bodies.values();
  const worker = async () => {
    for (const one of left) each(await send(service.url, one), one.what);
  };
  await Promise.all(Array.from({ length: width }, worker));
}

const small = { dtype: 'float64', shape: [2, 2], elements: [3, 5, 6, 10] } as const;

/** Within a part every format is read as it is alone; two of them show that the parts are checked, too. */
const tried = requestFormats.filter(
  ({ name }) => !name.startsWith('multipart') || /with (npy|npz, deflated)/.test(name),
);

for (const { name, type, write, mayLack } of tried) {
  const body = write({ ...small, shape: [...small.shape], elements: [...small.elements] });
  if (!body) continue;

  test(`${name}, cut at every byte`, async () => {
    const lengths = Array.from({ length: body.length - mayLack }, (_, length) => length);
    const cuts = lengths.map((length) => ({ what: `${length} bytes`, type, body: body.subarray(0, length) }));
    await sendAll(cuts, isProblem);
    assert.equal((await send(service.url, { type, body })).status, 200);
  });

  test(`${name}, with one byte another`, async () => {
    const places = Array.from({ length: Math.ceil(body.length / 2) }, (_, half) => 2 * half + (half % 2));
    const spoilt = places.map((at) => {
      const copy = Buffer.from(body);
      copy[at] ^= at % 3 === 0 ? 1 : 0xff;
      return { what: `byte ${at}`, type, body: copy };
    });
    // Some are other numbers, and no worse than these.
    await sendAll(spoilt, (answer, what) => {
      if (answer.status !== 200) isProblem(answer, what);
    });
  });
}

describe('a body that lies', () => {
  for (const broken of brokenBodies) {
    test(broken.what, async () => {
      const answer = await send(service.url, broken);
      isProblem(answer, broken.what);
      assert.equal(answer.status, broken.status ?? 400, answer.text);
    });
  }
});

test('what inflates to a gibibyte is held to the limit while it inflates', {
  skip: process.platform !== 'linux' && 'the memory of a process is read from /proc',
}, async (t) => {
  const { url, process: child } = await startProcess(t, { NORMA_BODY_LIMIT: '4MiB' });
  const form = multipartOf('b', { request: '{}', data: { type: 'application/json', content: '' } });
  const [beforeRequest, beforeData] = ['{}', '\r\n--b--'].map((text) => form.subarray(0, form.indexOf(text)));
  const multipart = 'multipart/form-data; boundary=b';
  // Blanks in place of all, of the request, and of the data.
  const bombs: [type: string, body: Buffer, status: number][] = [
    ['application/json', bomb, 413],
    ['application/x-npy', bomb, 400],
    ['application/x-npz', bomb, 400],
    ['application/octet-stream', bomb, 413],
    [multipart, bomb, 413],
    [multipart, Buffer.concat([gzipSync(beforeRequest), bomb]), 413],
    [multipart, Buffer.concat([gzipSync(beforeData), bomb]), 413],
  ];
  const idle = residentMemory(child) / 2 ** 20;
  for (const [type, body, status] of bombs) {
    for (let time = 0; time < 2; time++) {
      const reply = await exchange({
        url: url + path,
        pieces: [body],
        headers: { 'content-type': type, 'content-encoding': 'gzip' },
        within: 20,
      });
      assert.equal(reply.status, status, `${type}: ${reply.body}`);
    }
  }
  const grown = residentMemory(child) / 2 ** 20 - idle;
  t.diagnostic(`${grown.toFixed(0)} MiB more than the ${idle.toFixed(0)} before`);
  assert.ok(grown < 100, `${grown} MiB`);
});
