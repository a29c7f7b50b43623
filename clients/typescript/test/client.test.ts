/** The client against a real service, at NORMA_URL. */
import assert from 'node:assert/strict';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { createClient, decodeNpy, encodeNpy, NormaError } from '../src/client.ts';
import { readRetryAfter } from '../src/retry.ts';

const norma = createClient({ url: process.env.NORMA_URL });
const tensor = { shape: [3, 2], data: Float64Array.of(1, 2, 3, 6, 5, 10) };

test('fits, transforms and takes back', async () => {
  const fitted = await norma.fit(tensor, { method: 'minmax' });
  assert.deepEqual(fitted.parameters.data_max, [5, 10]);
  const scaled = await norma.transform(tensor, fitted);
  assert.deepEqual(scaled, { shape: [3, 2], data: Float64Array.of(0, 0, 0.5, 0.5, 1, 1) });
  assert.deepEqual(await norma.inverseTransform(scaled, fitted), tensor);
});

test('stores versions, and asks before they break', async () => {
  const name = `test-${crypto.randomUUID()}`;
  assert.equal((await norma.store(name, tensor, { method: 'zscore' })).version, 1);
  const other = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6) };
  await assert.rejects(norma.store(name, other, { method: 'zscore' }), { code: 'breaking_change', status: 409 });
  assert.equal((await norma.store(name, other, { method: 'zscore' }, { breaking: true })).version, 2);
  const scaled = await norma.transform(other, { name, version: 2 }, { outputDtype: 'float64' });
  assert.deepEqual(scaled.data, Float64Array.of(-1, -1, -1, 1, 1, 1));
  assert.deepEqual((await norma.load({ name, version: 1 })).parameters.mean, [3, 6]);
});

test('fits in parts, and transforms a stream', async () => {
  const name = `test-${crypto.randomUUID()}`;
  async function* parts() {
    for (let row = 0; row < 3; row++) yield { shape: [1, 2], data: tensor.data.slice(2 * row, 2 * row + 2) };
  }
  const { version, fitted } = await norma.fitPartitions(name, parts(), { method: 'minmax' });
  assert.equal(version, 1);
  assert.equal(fitted.n_samples_seen, 3);
  const rows = [];
  for await (const { data } of norma.transformStream(parts(), { name })) rows.push(...data);
  assert.deepEqual(rows, [0, 0, 0.5, 0.5, 1, 1]);
});

test('every path of the document is typed', async () => {
  const { data } = await norma.api.POST('/v1/compare', {
    body: {
      data: [
        [3, 5],
        [6, 10],
        [7, 1],
      ],
      normalizers: [
        { method: 'minmax', feature_range: [0, 1] },
        { method: 'norm', order: 2 },
      ],
    },
  });
  const kept = data?.normalizers.map((entry) => 'problem' in entry || entry.sample_scale.kept);
  assert.deepEqual(kept, [true, false]);
});

test('what is wrong has a code and a place', async () => {
  await assert.rejects(
    norma.api.POST('/v1/normalize', { body: { data: [[1], [2, 3]], normalizer: { method: 'norm' } } }),
    (error) => {
      assert.ok(error instanceof NormaError);
      assert.deepEqual([error.status, error.code, error.pointer], [422, 'ragged_rows', '/data/1']);
      return true;
    },
  );
});

test('arrays of every type go to npy and back', () => {
  for (const data of [
    Float32Array.of(1.5, -2),
    Int8Array.of(-1, 2),
    BigInt64Array.of(-1n, 2n),
    Uint16Array.of(1, 65535),
  ]) {
    assert.deepEqual(decodeNpy(encodeNpy({ shape: [2], data })), { shape: [2], data });
  }
  assert.deepEqual(decodeNpy(encodeNpy({ shape: [], data: Float64Array.of(7) })).shape, []);
  assert.throws(() => encodeNpy({ shape: [3], data: Float64Array.of(1) }), RangeError);
  assert.throws(() => decodeNpy(new Uint8Array(20)), TypeError);
});

/** A server that answers as it is told, and keeps the keys that it was sent. */
async function withServer(
  answers: ((response: ServerResponse) => void)[],
  run: (url: string, keys: unknown[]) => Promise<void>,
) {
  const keys: unknown[] = [];
  const server = createServer((request, response) => {
    keys.push(request.headers['idempotency-key']);
    request.resume().on('end', () => answers.shift()?.(response));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    await run(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, keys);
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

test('a refused or lost call is repeated under the same key, and Retry-After is waited for', async () => {
  const busy = (response: ServerResponse) => void response.writeHead(503, { 'retry-after': '1' }).end();
  const gone = (response: ServerResponse) => void response.destroy();
  const done = (response: ServerResponse) => void response.end('{"version": 4}');
  await withServer([busy, gone, done], async (url, keys) => {
    const started = performance.now();
    assert.equal((await createClient({ url, firstWaitMs: 1 }).store('n', tensor, { method: 'zscore' })).version, 4);
    assert.ok(performance.now() - started >= 1000);
    assert.equal(keys.length, 3);
    assert.equal(new Set(keys).size, 1);
  });
});

test('retries end, and a long Retry-After is an error at once', async () => {
  const busy = (response: ServerResponse) => void response.writeHead(503).end();
  const closed = (response: ServerResponse) => void response.writeHead(503, { 'retry-after': '3600' }).end();
  await withServer([busy, busy, busy], async (url, keys) => {
    await assert.rejects(createClient({ url, firstWaitMs: 1, retries: 2 }).load({ name: 'n' }), { status: 503 });
    assert.equal(keys.length, 3);
  });
  await withServer([closed], async (url) => {
    await assert.rejects(createClient({ url }).load({ name: 'n' }), { status: 503 });
  });
  assert.equal(readRetryAfter('2'), 2000);
  assert.equal(readRetryAfter(new Date(0).toUTCString()), 0);
  assert.equal(readRetryAfter('soon'), undefined);
});
