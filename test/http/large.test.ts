/** Binary bodies of many blocks: as they stream in, while the answer streams out, and when a client does one after the other. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { type Service, startService } from '../service.ts';
import { seeded } from '../seeded.ts';
import { npyHeader, npyOf, readNpy } from '../formats/arrays.ts';
import { cutInto, exchange, jsonOf, type Sent } from './exchange.ts';

const npy = 'application/x-npy';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

function send(path: string, body: Uint8Array, more: Partial<Sent> = {}) {
  const { headers, ...rest } = more;
  return exchange({
    url: service.url + path,
    pieces: [body],
    headers: { 'content-type': npy, ...headers },
    within: 30,
    ...rest,
  });
}

describe('an array of (1000, 784) float32', () => {
  const random = seeded(1);
  const values = Float32Array.from({ length: 784_000 }, () => (random() - 0.3) * 1e3);
  const shape = [1000, 784];
  const base64 = Buffer.from(values.buffer).toString('base64');

  for (const normalizer of [{ method: 'norm' }, { method: 'minmax' }, { method: 'zscore', axis: [0, 1] }]) {
    const query = Object.entries(normalizer)
      .map(([name, value]) => `${name}=${value}`)
      .join('&');
    test(`gives the same bits as JSON and as npy in pieces with pauses: ${query}`, async () => {
      const json = await service.post('/v1/normalize', { normalizer, data: { dtype: 'float32', shape, base64 } });
      assert.equal(json.status, 200);
      // Pieces that end within an element, within a row and within a block.
      const pieces = cutInto(npyOf(values, shape), 1, 127, 65_537, 300_003, 2 ** 20 + 2);
      const reply = await send(`/v1/normalize?${query}`, Buffer.alloc(0), {
        pieces,
        every: 4,
        headers: { accept: npy },
      });
      const got = readNpy(reply.body);
      assert.deepEqual([got.dtype, got.shape], ['float32', shape]);
      assert.equal(reply.headers['content-length'], String(reply.body.length));
      assert.ok(got.data.equals(Buffer.from(json.body.data.base64, 'base64')));
      const told = jsonOf(await send(`/v1/normalize?${query}&include=fitted,statistics`, npyOf(values, shape)));
      assert.deepEqual(told.fitted, json.body.fitted);
      assert.deepEqual(told.statistics, json.body.statistics);
    });
  }

  test('comes back as JSON that says the same', async () => {
    const reply = await send('/v1/normalize?method=norm&include=data', npyOf(values, shape));
    const file = readNpy(
      (await send('/v1/normalize?method=norm', npyOf(values, shape), { headers: { accept: npy } })).body,
    );
    const numbers = Float32Array.from((jsonOf(reply).data as number[][]).flat());
    assert.ok(Buffer.from(numbers.buffer).equals(file.data));
  });

  test('is answered while it still comes, where each value is needed once', async () => {
    const file = npyOf(values, shape);
    const headers = { 'content-type': npy, accept: npy, 'content-length': String(file.length) };
    const outgoing = request(`${service.url}/v1/normalize?method=norm`, { method: 'POST', agent: false, headers });
    const { promise: half, resolve: answered } = Promise.withResolvers<void>();
    const { promise: whole, resolve: ended, reject } = Promise.withResolvers<number>();
    outgoing.on('error', reject);
    outgoing.on('response', (incoming) => {
      let length = 0;
      incoming.on('data', (piece: Buffer) => {
        length += piece.length;
        if (length > 2 ** 20) answered();
      });
      incoming.on('end', () => ended(length));
    });
    outgoing.write(file.subarray(0, file.length - 1));
    await half;
    outgoing.end(file.subarray(file.length - 1));
    assert.equal(await whole, file.length);
  });
});

describe('an array of (60000, 784) uint8', () => {
  const shape = [60_000, 784];
  // Every row has other values, all of 0 to 255 occur.
  const values = Uint8Array.from({ length: 47_040_000 }, (_, at) => (at * 37 + (at >> 9)) & 255);
  const file = npyOf(values, shape);

  test('is scaled to [0, 1] value by value, and its statistics are exact', async () => {
    const thirds = Float32Array.from({ length: 256 }, (_, value) => value / 255);
    const start = npyHeader('float32', shape).length;
    let at = -start;
    let wrong = 0;
    let rest = Buffer.alloc(0);
    const onData = (piece: Buffer) => {
      const bytes = Buffer.concat([rest, at < 0 ? piece.subarray(-at) : piece]);
      at = Math.max(at, 0);
      const whole = bytes.length & ~3;
      const floats = new Float32Array(Uint8Array.from(bytes.subarray(0, whole)).buffer);
      for (const float of floats) if (float !== thirds[values[at++]]) wrong++;
      rest = bytes.subarray(whole);
    };
    const query = '?method=minmax&axis=null&output_dtype=float32';
    const reply = await send(`/v1/normalize${query}`, file, { headers: { accept: npy }, onData });
    assert.deepEqual([reply.status, reply.cut, wrong, at], [200, false, 0, values.length]);
    assert.equal(reply.headers['content-length'], String(start + 4 * values.length));

    const { statistics } = jsonOf(await send('/v1/describe', file));
    const counts = new Array<number>(256).fill(0);
    for (const value of values) counts[value]++;
    const sum = counts.reduce((total, count, value) => total + count * value, 0);
    assert.deepEqual([statistics.nobs, statistics.minmax, statistics.zero_count], [values.length, [0, 255], counts[0]]);
    assert.ok(Math.abs(statistics.mean - sum / values.length) <= 1e-12 * 255);
  });

  test('is divided by its norms for a client that reads only when it has sent everything', async () => {
    const query = '?method=norm&output_dtype=float32';
    const heads: Buffer[] = [];
    let length = 0;
    const onData = (piece: Buffer) => {
      if (length < 2 ** 20) heads.push(piece);
      length += piece.length;
    };
    const reply = await send(`/v1/normalize${query}`, file, { headers: { accept: npy }, readsLate: true, onData });
    const start = npyHeader('float32', shape).length;
    assert.deepEqual([reply.status, reply.cut, length], [200, false, start + 4 * values.length]);
    const first = new Float32Array(Uint8Array.from(Buffer.concat(heads).subarray(start, start + 784 * 4 * 50)).buffer);
    for (let row = 0; row < 50; row++) {
      const norm = Math.sqrt(values.subarray(row * 784, (row + 1) * 784).reduce((sum, x) => sum + x * x, 0));
      for (let at = row * 784; at < (row + 1) * 784; at++) assert.equal(first[at], Math.fround(values[at] / norm));
    }
  });
});

describe('beyond the limit', () => {
  let narrow: Service;
  before(async () => {
    narrow = await startService({ bodyLimit: 2 ** 20 });
  });
  after(() => narrow.close());
  const file = npyOf(new Float32Array(2 ** 20).fill(3), [2 ** 18, 4]);
  const ask = (query: string, body: Uint8Array, accept = npy) =>
    exchange({ url: narrow.url + query, pieces: [body], headers: { 'content-type': npy, accept } });

  test('what streams is not held', async () => {
    for (const query of ['method=norm', 'method=minmax&axis=1']) {
      const reply = await ask(`/v1/normalize?${query}`, file);
      assert.equal(reply.status, 200, `${query}: ${reply.body.subarray(0, 200)}`);
      assert.equal(readNpy(reply.body).data.length, 4 * 2 ** 20);
    }
    for (const path of [
      '/v1/fit?method=minmax',
      '/v1/fit?method=zscore',
      '/v1/describe',
      '/v1/normalize?method=norm&include=fitted,statistics',
    ]) {
      assert.equal((await ask(path, file, '*/*')).status, 200, path);
    }
    const histogram = encodeURIComponent('{"histogram":{"range":[0,4]}}');
    const described = await ask(`/v1/describe?statistics=${histogram}`, file, '*/*');
    assert.deepEqual(jsonOf(described).statistics.histogram.counts, [0, 0, 0, 0, 0, 0, 0, 2 ** 20, 0, 0]);
  });

  test('what must be held is refused by its header alone', async () => {
    const held: [string, Buffer][] = [
      ['/v1/normalize?method=minmax', npyHeader('float32', [2 ** 18, 4])],
      ['/v1/normalize?method=zscore&axis=null', npyHeader('float32', [2 ** 18, 4])],
      ['/v1/normalize?method=norm', npyHeader('float32', [2 ** 18, 4], { fortran: true })],
      [`/v1/describe?statistics=${encodeURIComponent('{"quantiles":[0.5]}')}`, npyHeader('float32', [2 ** 18, 4])],
    ];
    for (const [path, header] of held) {
      const reply = await ask(path, header, '*/*');
      assert.equal(reply.status, 413, `${path}: ${reply.body}`);
      assert.equal(jsonOf(reply).code, 'body_too_large');
    }
  });
});

test('answers that go out at the same time, to fast and slow readers, keep their bytes apart', async () => {
  const shape = [4000, 784];
  const random = seeded(5);
  const values = Float32Array.from({ length: 4000 * 784 }, () => Math.fround(random()));
  const file = npyOf(values, shape);
  // Halves, quarters, … of the same numbers: each byte tells whose answer it is in.
  const answers = Array.from({ length: 6 }, async (_, at) => {
    const received: Buffer[] = [];
    const slow = at % 2 === 1;
    const outgoing = request(`${service.url}/v1/normalize?method=affine&std=${2 ** (at + 1)}`, {
      method: 'POST',
      agent: false,
      headers: { 'content-type': npy, accept: npy, 'content-length': String(file.length) },
    });
    outgoing.end(file);
    const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
    for await (const piece of incoming) {
      received.push(piece as Buffer);
      if (slow && received.length % 8 === 0) await wait(1);
    }
    const { data } = readNpy(Buffer.concat(received));
    const expected = values.map((value) => value / 2 ** (at + 1));
    assert.ok(data.equals(Buffer.from(expected.buffer)), `answer ${at}`);
  });
  await Promise.all(answers);
});
