import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { problems } from '../../src/errors.ts';
import { type Service, startService } from '../service.ts';

let service: Service;
before(async () => {
  service = await startService({ bodyLimit: 4 * 2 ** 20 });
});
after(() => service.close());

const norm = { method: 'norm' };

/** What is sent, and what must come back: status, code and the pointer of the first place. */
const table: [string, unknown, number, string, string?][] = [
  ['ragged rows', { normalizer: norm, data: [[3, 5], [6]] }, 422, 'ragged_rows', '/data/1'],
  ['a row that is a number', { normalizer: norm, data: [[3, 5], 6] }, 422, 'ragged_rows', '/data/1'],
  [
    'text among numbers',
    {
      normalizer: norm,
      data: [
        [3, 5],
        [6, 'a'],
      ],
    },
    400,
    'invalid_data',
    '/data/1/1',
  ],
  ['digits in quotes', { normalizer: norm, data: ['3'] }, 400, 'invalid_data', '/data/0'],
  ['an object as a cell', { normalizer: norm, data: [1, {}] }, 400, 'invalid_data', '/data/1'],
  ['records without keys', { normalizer: norm, data: [{}] }, 422, 'empty', '/data/0'],
  ['NaN under raise', { normalizer: norm, data: [[3, null]] }, 422, 'not_finite', '/data/0/1'],
  [
    'an infinity under omit',
    { normalizer: { ...norm, nan_policy: 'omit' }, data: [[3, '-Infinity']] },
    422,
    'not_finite',
    '/data/0/1',
  ],
  [
    'NaN in a flat tensor',
    { normalizer: norm, data: { dtype: 'float32', shape: [2], data: [1, 'NaN'] } },
    422,
    'not_finite',
    '/data/data/1',
  ],
  ['an empty array', { normalizer: norm, data: [] }, 422, 'empty'],
  ['rows without columns', { normalizer: norm, data: [[], []] }, 422, 'empty'],
  ['rank 9', { normalizer: norm, data: [[[[[[[[[1]]]]]]]]] }, 422, 'rank_too_high', '/data'],
  ['a number beyond a double', '{"normalizer":{"method":"norm"},"data":[1e999]}', 400, 'invalid_data', '/data/0'],
  ['an unknown method', { normalizer: { method: 'l2' }, data: [1] }, 400, 'invalid_request', '/normalizer/method'],
  ['no method', { normalizer: {}, data: [1] }, 400, 'invalid_request', '/normalizer/method'],
  ['no normalizer', { data: [1] }, 400, 'invalid_request', '/normalizer'],
  ['no data', { normalizer: norm }, 400, 'invalid_request', '/data'],
  ['an unknown option', { normalizer: { method: 'norm', p: 2 }, data: [1] }, 400, 'invalid_request', '/normalizer/p'],
  ['an unknown member', { normalizer: norm, data: [1], extra: 1 }, 400, 'invalid_request', '/extra'],
  [
    'an option of the wrong type',
    { normalizer: { method: 'minmax', clip: 'yes' }, data: [1] },
    400,
    'invalid_request',
    '/normalizer/clip',
  ],
  [
    'a range that is none',
    { normalizer: { method: 'minmax', feature_range: [1, 1] }, data: [1] },
    400,
    'invalid_request',
    '/normalizer/feature_range',
  ],
  [
    'an axis out of range',
    { normalizer: { method: 'minmax', axis: 2 }, data: [[1]] },
    422,
    'axis_out_of_range',
    '/normalizer/axis',
  ],
  [
    'an axis named twice',
    { normalizer: { method: 'minmax', axis: [0, -2] }, data: [[1, 2]] },
    422,
    'axis_out_of_range',
    '/normalizer/axis',
  ],
  [
    'an axis of the statistics',
    { normalizer: norm, data: [1], statistics: { axis: 1 } },
    422,
    'axis_out_of_range',
    '/statistics/axis',
  ],
  [
    'a column out of range',
    { normalizer: { method: 'minmax', columns: [0, 2] }, data: [[1, 2]] },
    422,
    'column_out_of_range',
    '/normalizer/columns/1',
  ],
  [
    'a column named twice',
    { normalizer: { method: 'minmax', columns: [1, -1] }, data: [[1, 2]] },
    422,
    'column_out_of_range',
    '/normalizer/columns/1',
  ],
  [
    'weights that are negative',
    { normalizer: { method: 'zscore' }, data: [[1], [2]], sample_weight: [1, -1] },
    422,
    'invalid_weights',
    '/sample_weight/1',
  ],
  [
    'weights that are all zero',
    { normalizer: { method: 'zscore' }, data: [[1], [2]], sample_weight: [0, 0] },
    422,
    'invalid_weights',
    '/sample_weight',
  ],
  [
    'too few weights',
    { normalizer: { method: 'zscore' }, data: [[1], [2]], sample_weight: [1] },
    422,
    'invalid_weights',
    '/sample_weight',
  ],
  [
    'weights for a method without',
    { normalizer: norm, data: [[1], [2]], sample_weight: [1, 1] },
    400,
    'invalid_request',
    '/sample_weight',
  ],
  [
    'a constant slice under error',
    {
      normalizer: { method: 'minmax', on_constant: 'error' },
      data: [
        [1, 2],
        [1, 3],
      ],
    },
    422,
    'constant_slices',
  ],
  [
    'ddof without enough values',
    { normalizer: { method: 'zscore', ddof: 2 }, data: [[1], [2]] },
    422,
    'not_computable',
  ],
  [
    'a histogram of an infinity',
    { normalizer: { ...norm, nan_policy: 'propagate' }, data: [1, 'Infinity'], statistics: { histogram: {} } },
    422,
    'not_computable',
  ],
  [
    'an (u)int64 beyond a double',
    { normalizer: norm, data: { dtype: 'uint64', shape: [1], base64: 'AQAAAAAAIAA=' } },
    422,
    'not_exact',
  ],
  [
    'base64 of another length',
    { normalizer: norm, data: { dtype: 'uint64', shape: [2], base64: 'AQAAAAAAIAA=' } },
    400,
    'invalid_data',
  ],
  [
    'a shape that overflows',
    { normalizer: norm, data: { dtype: 'uint8', shape: [2 ** 40, 2 ** 40], data: [] } },
    400,
    'invalid_data',
  ],
  [
    'data beside base64',
    { normalizer: norm, data: { dtype: 'uint8', shape: [0], data: [], base64: '' } },
    400,
    'invalid_request',
  ],
  ['a list as the body', [1], 400, 'invalid_request'],
  ['half a body', '{"normalizer":', 400, 'invalid_json'],
  [
    '10,000 nested brackets',
    `{"normalizer":{"method":"norm"},"data":${'['.repeat(10_000)}${']'.repeat(10_000)}}`,
    422,
    'rank_too_high',
  ],
  ['10,000 open brackets', '['.repeat(10_000), 400, 'invalid_json'],
];

for (const [name, body, status, code, pointer] of table) {
  test(`${name}: ${status} ${code}`, async () => {
    const sent = typeof body === 'string' ? Buffer.from(body) : body;
    const answer = await service.post('/v1/normalize', sent, { 'content-type': 'application/json' });
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    assert.match(answer.headers.get('content-type') ?? '', /^application\/problem\+json/);
    assert.equal(answer.body.code, code);
    assert.equal(answer.body.status, status);
    assert.equal(answer.body.title, problems[code as keyof typeof problems].title);
    assert.ok(answer.body.detail.length > 10 && answer.body.instance && answer.body.type);
    if (pointer !== undefined) assert.equal(answer.body.errors[0].pointer, pointer);
  });
}

test('300,000 bad cells are answered shortly', async () => {
  const body = JSON.stringify({ normalizer: norm, data: new Array(300_000).fill('x') });
  const response = await fetch(`${service.url}/v1/normalize`, {
    method: 'POST',
    body,
    headers: { 'content-type': 'application/json' },
  });
  const text = await response.text();
  assert.equal(response.status, 400);
  assert.ok(text.length < 1000, `${text.length} characters`);
});

test('a body over the limit is refused before it is read', async () => {
  const response = await fetch(`${service.url}/v1/normalize`, {
    method: 'POST',
    body: new Uint8Array(5 * 2 ** 20),
    headers: { 'content-type': 'application/json' },
  });
  assert.equal(response.status, 413);
  assert.equal(((await response.json()) as { code: string }).code, 'body_too_large');
});

test('a body that inflates beyond the limit is refused while it inflates', async () => {
  const { gzipSync } = await import('node:zlib');
  const bomb = gzipSync(Buffer.alloc(64 * 2 ** 20, ' '));
  const answer = await service.post('/v1/normalize', bomb, {
    'content-type': 'application/json',
    'content-encoding': 'gzip',
  });
  assert.equal(answer.status, 413);
});

test('what the path and the media types do not have', async () => {
  const wrongMethod = await fetch(`${service.url}/v1/normalize`);
  assert.equal(wrongMethod.status, 405);
  assert.equal(wrongMethod.headers.get('allow'), 'POST');
  assert.equal((await fetch(`${service.url}/v2/nothing`)).status, 404);
  const wrongType = await service.post('/v1/normalize', Buffer.from('a,b'), { 'content-type': 'image/png' });
  assert.equal(wrongType.status, 415);
  assert.match(wrongType.body.detail, /application\/x-npy/);
  const wrongCoding = await service.post('/v1/normalize', {}, { 'content-encoding': 'compress' });
  assert.equal(wrongCoding.status, 415);
  const wrongAccept = await service.post('/v1/normalize', { normalizer: norm, data: [1] }, { accept: 'image/png' });
  assert.equal(wrongAccept.status, 406);
  assert.match(wrongAccept.body.detail, /application\/json/);
});

test('after all that the service still answers', async () => {
  const { status, body } = await service.post('/v1/normalize', { normalizer: norm, data: [3, 4] });
  assert.equal(status, 200);
  assert.deepEqual(body.data, [0.6, 0.8]);
});
