/** Content codings: bodies that come compressed, and answers that go so. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import * as zlib from 'node:zlib';
import { writeNpyHeader } from '#formats/npy/header.ts';
import { type Service, startService } from '../../service.ts';
import { npyOf } from '../../formats/arrays.ts';
import { exchange, jsonOf } from '../exchange.ts';

const codings: Record<string, [compress: (bytes: Uint8Array) => Buffer, inflate: (bytes: Uint8Array) => Buffer]> = {
  gzip: [zlib.gzipSync, zlib.gunzipSync],
  deflate: [zlib.deflateSync, zlib.inflateSync],
  br: [zlib.brotliCompressSync, zlib.brotliDecompressSync],
  zstd: [zlib.zstdCompressSync, zlib.zstdDecompressSync],
};

let service: Service;
before(async () => {
  service = await startService({ bodyLimit: 4 * 2 ** 20 });
});
after(() => service.close());

function send(body: Uint8Array, headers: Record<string, string>, query = '') {
  const type = query ? 'application/x-npy' : 'application/json';
  return exchange({
    url: `${service.url}/v1/normalize${query}`,
    pieces: [body],
    headers: { 'content-type': type, ...headers },
  });
}

const rows = Array.from({ length: 2000 }, (_, at) => [at % 17, at % 5, (at * at) % 23]);
const json = Buffer.from(JSON.stringify({ normalizer: { method: 'minmax' }, data: rows }));
const array = npyOf(
  Float32Array.from({ length: 500_000 }, (_, at) => (at * at) % 1009),
  [500, 1000],
);

describe('a body', () => {
  for (const [coding, [compress]] of Object.entries(codings)) {
    test(`in ${coding} is what it is without`, async () => {
      for (const name of [coding, coding.toUpperCase()]) {
        const plain = await send(json, {});
        const coded = await send(compress(json), { 'content-encoding': name });
        assert.equal(coded.status, 200, coded.body.toString());
        assert.deepEqual(jsonOf(coded), jsonOf(plain));
      }
      for (const query of ['?method=norm', '?method=minmax']) {
        const plain = await send(array, { accept: 'application/x-npy' }, query);
        const coded = await send(compress(array), { accept: 'application/x-npy', 'content-encoding': coding }, query);
        assert.equal(coded.status, 200);
        assert.ok(coded.body.equals(plain.body));
      }
    });

    test(`in ${coding} that is cut or spoilt is a 400`, async () => {
      for (const [whole, query] of [
        [json, ''],
        [npyOf(Float64Array.of(1, 2, 3), [3]), '?method=norm'],
      ] as const) {
        const body = compress(whole);
        for (const bad of [
          body.subarray(0, body.length - 1),
          body.subarray(0, body.length >> 1),
          body.subarray(0, 1),
          Buffer.alloc(0),
          whole,
        ]) {
          const reply = await send(bad, { 'content-encoding': coding }, query);
          assert.equal(reply.status, 400, `${bad.length} of ${body.length} bytes: ${reply.body}`);
          assert.match(reply.headers['content-type'] ?? '', /^application\/problem\+json/);
        }
      }
    });

    test(`in ${coding} that inflates beyond the limit is a 413`, async () => {
      const bomb = compress(Buffer.concat([Buffer.from('{"data":'), Buffer.alloc(32 * 2 ** 20, ' ')]));
      assert.equal((await send(bomb, { 'content-encoding': coding })).status, 413);
      const held = compress(npyOf(new Uint8Array(8 * 2 ** 20), [2 ** 20, 8]));
      assert.equal((await send(held, { 'content-encoding': coding }, '?method=minmax')).status, 413);
    });
  }

  test('in no coding, said or unsaid, is as it is', async () => {
    assert.equal((await send(json, {})).status, 200);
    assert.equal((await send(json, { 'content-encoding': 'identity' })).status, 200);
  });

  test('in a coding that is not read is a 415 that names those that are', async () => {
    for (const coding of [
      'compress',
      'lzma',
      'aws-chunked',
      'gzip, br',
      'constructor',
      '__proto__',
      'hasOwnProperty',
      'x',
    ]) {
      const reply = await send(json, { 'content-encoding': coding });
      assert.equal(reply.status, 415, `${coding}: ${reply.body}`);
      assert.match(jsonOf(reply).detail, /gzip, deflate, br and zstd/);
    }
  });
});

describe('an answer', () => {
  for (const [coding, [, inflate]] of Object.entries(codings)) {
    test(`goes in ${coding} when that alone is accepted`, async () => {
      const plain = await send(json, {});
      const coded = await send(json, { 'accept-encoding': coding });
      assert.equal(coded.status, 200);
      assert.equal(coded.headers['content-encoding'], coding);
      assert.match(coded.headers.vary ?? '', /accept-encoding/i);
      assert.deepEqual(JSON.parse(inflate(coded.body).toString()), jsonOf(plain));
    });
  }

  test('goes as it is when no coding is accepted, or one that is not written', async () => {
    for (const accepted of ['identity', 'gzip;q=0', 'compress', '']) {
      const reply = await send(json, { 'accept-encoding': accepted });
      assert.equal(reply.headers['content-encoding'], undefined, accepted);
      assert.ok(jsonOf(reply).data);
    }
  });

  test('tells caches what it depends on, also when it goes as it is', async () => {
    for (const accepted of ['gzip', 'identity', '']) {
      const reply = await send(json, { 'accept-encoding': accepted });
      assert.equal(reply.headers.vary, 'accept, accept-encoding', accepted);
    }
    assert.equal(
      (await send(array, { accept: 'application/x-npy' }, '?method=norm')).headers.vary,
      'accept, accept-encoding',
    );
    assert.equal((await send(Buffer.from('{'), {})).headers.vary, 'accept, accept-encoding');
  });

  test('to HEAD tells no length that GET would not have', async () => {
    for (const coding of ['gzip', 'br', '', 'identity']) {
      const headers = { 'accept-encoding': coding };
      for (const path of ['/openapi.json', '/v1/methods']) {
        const ask = (method: string) => exchange({ url: service.url + path, method, headers });
        const [get, head] = [await ask('GET'), await ask('HEAD')];
        assert.deepEqual([head.status, head.body.length], [200, 0]);
        const told = head.headers['content-length'];
        if (told !== undefined) assert.equal(told, String(get.body.length), `${path} in ${coding}`);
        if (coding === '' || coding === 'identity') assert.equal(told, String(get.body.length));
      }
    }
  });
});

test('what streams and inflates to very much is refused, however few bytes it is', async () => {
  const rows = 2 ** 22;
  const piece = zlib.gzipSync(new Uint8Array(2 ** 24));
  const body = Buffer.concat([
    zlib.gzipSync(Buffer.from(writeNpyHeader('uint8', [rows, 64]))),
    ...Array.from({ length: 16 }, () => piece),
  ]);
  const headers = { 'content-type': 'application/x-npy', 'content-encoding': 'gzip' };
  const { status, body: problem } = await service.post('/v1/describe', body, headers);
  assert.deepEqual([status, problem.code], [413, 'body_too_large']);
  assert.match(problem.detail, /times its own/);
});
