import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../service.ts';

// A body over 256 KiB is read in a worker, the fitted document in it, too: what comes of it is that of a small body.

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const columns = 3000;
const row = (factor: number) => Array.from({ length: columns }, (_, column) => factor * Math.sin(column));
/** What makes a body large without meaning anything. */
const padding = ' '.repeat(2 ** 18);

async function fit() {
  const { status, body } = await service.post('/v1/fit', {
    normalizer: { method: 'robust' },
    data: [row(1), row(2), row(4)],
  });
  assert.equal(status, 200, JSON.stringify(body).slice(0, 200));
  return body.fitted;
}

/** The same members as a body that is small, and as one that is large. */
async function both(path: string, members: object) {
  const text = JSON.stringify(members);
  const headers = { 'content-type': 'application/json' };
  const small = await service.post(path, new TextEncoder().encode(text), headers);
  const large = await service.post(path, new TextEncoder().encode(text.replace('{', `{${padding}`)), headers);
  for (const { body } of [small, large]) {
    delete body.instance;
    delete body.created_at;
    delete body.version;
  }
  return { small, large };
}

/** The document with as few columns as fit into a small body. */
async function fitFew() {
  const { body } = await service.post('/v1/fit', {
    normalizer: { method: 'zscore' },
    data: [
      [1, 2],
      [3, 5],
    ],
  });
  return body.fitted;
}

test('a document of thousands of columns transforms, and takes back, what it was fitted on', async () => {
  const fitted = await fit();
  assert.ok(JSON.stringify(fitted).length > 2 ** 18);
  const data = [row(3)];
  const { status, body } = await service.post('/v1/transform', { fitted, data });
  assert.equal(status, 200, JSON.stringify(body).slice(0, 300));
  const back = await service.post('/v1/inverse-transform', { fitted, data: body.data });
  for (const [at, value] of back.body.data[0].entries()) assert.ok(Math.abs(value - data[0][at]) < 1e-12, `${at}`);
});

describe('a large body is answered as a small one', () => {
  const calls: Record<string, (fitted: Record<string, any>) => [path: string, members: object, status: number]> = {
    transform: (fitted) => ['/v1/transform', { fitted, data: [[1, 1]] }, 200],
    'inverse-transform': (fitted) => ['/v1/inverse-transform', { fitted, data: [[1, 1]] }, 200],
    'a document to be stored': (fitted) => ['/v1/normalizers/large/versions', { fitted }, 201],
    'documents to be merged': (fitted) => ['/v1/merge', { fitted: [fitted, fitted] }, 200],
    'a parameter that is missing': (fitted) => [
      '/v1/transform',
      { fitted: { ...fitted, parameters: { mean: [1, 2] } }, data: [[1, 1]] },
      400,
    ],
    'a document with another member': (fitted) => [
      '/v1/transform',
      { fitted: { ...fitted, extra: 1 }, data: [[1, 1]] },
      400,
    ],
    'a document that is null': () => ['/v1/transform', { fitted: null, data: [[1, 1]] }, 400],
    'a document that is a list': (fitted) => ['/v1/transform', { fitted: [fitted], data: [[1, 1]] }, 400],
    'a member beside it that is not known': (fitted) => ['/v1/transform', { fitted, data: [[1, 1]], extra: 1 }, 400],
    'a call that takes none': (fitted) => [
      '/v1/normalize',
      { normalizer: { method: 'zscore' }, fitted, data: [[1, 1]] },
      400,
    ],
    'a comparison': (fitted) => ['/v1/compare', { fitted, data: [[1, 1]] }, 400],
    'two things to be stored': (fitted) => ['/v1/normalizers/large/versions', { fitted, keras: {} }, 400],
    'a fitted document with data to be stored': (fitted) => [
      '/v1/normalizers/large/versions',
      { fitted, data: [[1, 1]] },
      400,
    ],
    'data without a document': () => ['/v1/transform', { data: [[1, 1]] }, 400],
    'a list of documents that is none': () => ['/v1/merge', { fitted: 1 }, 400],
    'a fault in the second document': (fitted) => [
      '/v1/merge',
      { fitted: [fitted, { ...fitted, scope: 'sample' }] },
      400,
    ],
  };
  for (const [name, call] of Object.entries(calls)) {
    test(name, async () => {
      const [path, members, expected] = call(await fitFew());
      const { small, large } = await both(path, members);
      assert.deepEqual([small.status, large.status], [expected, expected], JSON.stringify(large.body));
      assert.deepEqual(large.body, small.body);
    });
  }
});

test('a large body that is no object is refused', async () => {
  const body = new TextEncoder().encode(`${padding}[1]`);
  for (const path of ['/v1/merge', '/v1/transform']) {
    const answer = await service.post(path, body, { 'content-type': 'application/json' });
    assert.deepEqual([answer.status, answer.body.code], [400, 'invalid_request'], path);
  }
});
