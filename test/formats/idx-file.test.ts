/** MNIST's own format, as it ships (.gz), gzip-encoded on the way, or as it is. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Service, startService } from '../service.ts';
import { countOf, elementsOf, idxFile, idxTypes, npyFile, npyOf, readNpy } from './arrays.ts';
import { npzOf } from './npz/zips.ts';
import { cutInto, exchange, jsonOf } from '../http/exchange.ts';

const idx = 'application/octet-stream';
const npy = 'application/x-npy';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function fitted(file: Uint8Array, headers: Record<string, string> = { 'content-type': idx }) {
  const { status, body } = await service.post('/v1/fit?method=minmax&axis=null', file, headers);
  assert.equal(status, 200, JSON.stringify(body));
  return body;
}

test('every type means the numbers that are in it', async () => {
  const values = [0, 1, -1, 100, -100, 7];
  for (const dtype of Object.keys(idxTypes) as (keyof typeof idxTypes)[]) {
    const elements = dtype === 'uint8' ? values.map(Math.abs) : values;
    const { fitted: document, statistics } = await fitted(idxFile(dtype, [2, 3], elements));
    assert.equal(document.input.dtype, dtype);
    assert.equal(document.parameters.data_max, 100);
    assert.equal(document.parameters.data_min, Math.min(...elements));
    assert.equal(statistics.input.mean.toFixed(12), (elements.reduce((sum, x) => sum + x) / 6).toFixed(12));
  }
  const thirds = await fitted(idxFile('float64', [2], [1 / 3, -1e300]));
  assert.deepEqual(thirds.statistics.input.minmax, [-1e300, 1 / 3]);
});

test('every rank from 0 to 8 comes back in its own shape', async () => {
  for (let rank = 0; rank <= 8; rank++) {
    const shape = [2, 1, 3, 2, 1, 2, 1, 2].slice(0, rank);
    const elements = Array.from({ length: countOf(shape) }, (_, at) => at);
    const answer = await service.post('/v1/normalize?method=minmax&axis=null', idxFile('int32', shape, elements), {
      'content-type': idx,
      accept: npy,
    });
    const got = readNpy(answer.body);
    assert.deepEqual(got.shape, shape);
    assert.deepEqual(
      elementsOf('float64', got.data),
      elements.map((at) => at / Math.max(elements.length - 1, 1)),
    );
  }
});

test('no images have nothing to fit to', async () => {
  const { status, body } = await service.post('/v1/fit?method=minmax', idxFile('uint8', [0, 28, 28], []), {
    'content-type': idx,
  });
  assert.equal(status, 422);
  assert.equal(body.code, 'empty');
});

const images = Array.from({ length: 500 * 28 * 28 }, (_, at) => (at * 2654435761) % 256);

test('images answer the same as IDX, as .gz, gzip-encoded, and as npy', async () => {
  const shape = [500, 28, 28];
  const file = idxFile('uint8', shape, images);
  const plain = await fitted(file);
  const ways: [string, Uint8Array, Record<string, string>][] = [
    ['.gz without a header that says so', gzipSync(file), { 'content-type': idx }],
    ['Content-Encoding: gzip', gzipSync(file), { 'content-type': idx, 'content-encoding': 'gzip' }],
    [
      '.gz within Content-Encoding: gzip',
      gzipSync(gzipSync(file)),
      { 'content-type': idx, 'content-encoding': 'gzip' },
    ],
    ['npy', npyFile('uint8', shape, images), { 'content-type': npy }],
  ];
  for (const [way, body, headers] of ways) assert.deepEqual(await fitted(body, headers), plain, way);
});

test('a .gz is known however the network cuts it', async () => {
  const file = gzipSync(idxFile('uint8', [2, 2], [3, 5, 6, 10]));
  const url = `${service.url}/v1/normalize?method=norm&include=data`;
  for (const lengths of [[1], [1, file.length], [2, 1], [9, 3]]) {
    const reply = await exchange({
      url,
      headers: { 'content-type': idx },
      pieces: cutInto(file, ...lengths),
      every: 5,
    });
    assert.equal(reply.status, 200, `in pieces of ${lengths}: ${reply.body}`);
    assert.deepEqual(jsonOf(reply).data[0], jsonOf(reply).data[1]);
  }
});

test('a .gz that is cut, spoilt or followed by something is refused', async () => {
  const file = gzipSync(idxFile('uint8', [2, 2], [3, 5, 6, 10]));
  const spoilt = Buffer.from(file);
  spoilt[file.length - 6] ^= 1; // of the checksum
  const broken = [
    ...[2, 5, 12, file.length - 9, file.length - 1].map((length) => file.subarray(0, length)),
    ...[spoilt, Buffer.concat([file, Buffer.from('abc')]), Buffer.concat([file, file])],
  ];
  for (const body of broken) {
    const answer = await service.post('/v1/normalize?method=norm', body, { 'content-type': idx });
    assert.equal(answer.status, 400, `${body.length} of ${file.length} bytes: ${JSON.stringify(answer.body)}`);
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
  }
});

test('a file of that media type is what its first bytes say: npy and npz are read, too, also inflated', async () => {
  const array = npyOf(new Uint8Array([3, 4]), [2]);
  const files = [idxFile('uint8', [2], [3, 4]), array, npzOf({ data: array })];
  for (const file of files.flatMap((plain) => [plain, gzipSync(plain)])) {
    const { status, body } = await service.post('/v1/describe', file, { 'content-type': idx });
    assert.equal(status, 200, JSON.stringify(body));
    assert.deepEqual(body.statistics.minmax, [3, 4]);
  }
  for (const file of ['', '\x93NUMPX', 'PK\x05\x06', '\x1f\x8b']) {
    const { status, body } = await service.post('/v1/describe', Buffer.from(file, 'latin1'), { 'content-type': idx });
    assert.deepEqual([status, body.code], [400, 'broken_body'], JSON.stringify(file));
  }
});

test('IDX is not taken for npy', async () => {
  const { status, body } = await service.post('/v1/describe', idxFile('uint8', [2], [1, 2]), { 'content-type': npy });
  assert.deepEqual([status, body.code], [400, 'broken_body']);
});
