/** With a binary body the options travel in the query, and mean there what they mean in JSON. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../../service.ts';
import { npyFile, readNpy } from '../../formats/arrays.ts';

const npy = 'application/x-npy';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const shape = [3, 2, 4];
const values = Array.from({ length: 24 }, (_, at) => ((at * 7) % 24) - 5.5);
const file = npyFile('float64', shape, values);
const lists = [0, 8, 16].map((sample) => [0, 4].map((row) => values.slice(sample + row, sample + row + 4)));

function ask(query: string, headers: Record<string, string> = {}, path = '/v1/normalize') {
  return service.post(`${path}?${query}`, file, { 'content-type': npy, ...headers });
}

/** What a query says, and the members of a JSON body that say it. */
const same: [query: string, members: Record<string, unknown>][] = [
  ['method=minmax', { normalizer: { method: 'minmax' } }],
  ['method=minmax&axis=0&feature_range=0,1', { normalizer: { method: 'minmax', axis: 0, feature_range: [0, 1] } }],
  ['method=minmax&feature_range=-1,1', { normalizer: { method: 'minmax', feature_range: [-1, 1] } }],
  ['method=minmax&feature_range=-1.5,2.5e-1', { normalizer: { method: 'minmax', feature_range: [-1.5, 0.25] } }],
  ['method=minmax&feature_range=%5B0%2C2%5D', { normalizer: { method: 'minmax', feature_range: [0, 2] } }],
  ['method=minmax&axis=null', { normalizer: { method: 'minmax', axis: null } }],
  ['method=minmax&axis=0,1,2', { normalizer: { method: 'minmax', axis: [0, 1, 2] } }],
  ['method=minmax&axis=0%2C1', { normalizer: { method: 'minmax', axis: [0, 1] } }],
  ['method=minmax&axis=-1', { normalizer: { method: 'minmax', axis: -1 } }],
  ['method=minmax&axis=-1,0', { normalizer: { method: 'minmax', axis: [-1, 0] } }],
  ['method=minmax&clip=true', { normalizer: { method: 'minmax', clip: true } }],
  ['method=zscore&clip=null', { normalizer: { method: 'zscore', clip: null } }],
  ['method=zscore&clip=-1,1', { normalizer: { method: 'zscore', clip: [-1, 1] } }],
  ['method=zscore&with_mean=false&ddof=1', { normalizer: { method: 'zscore', with_mean: false, ddof: 1 } }],
  ['method=zscore&sample_weight=1,0,2.5', { normalizer: { method: 'zscore' }, sample_weight: [1, 0, 2.5] }],
  ['method=minmax&clip=True&axis=None', { normalizer: { method: 'minmax', clip: true, axis: null } }],
  ['method=zscore&with_mean=False&clip=None', { normalizer: { method: 'zscore', with_mean: false, clip: null } }],
  [
    'method=minmax&axis=(0, 1)&feature_range=(-1,1)',
    { normalizer: { method: 'minmax', axis: [0, 1], feature_range: [-1, 1] } },
  ],
  ['method=minmax&axis=(0,)', { normalizer: { method: 'minmax', axis: [0] } }],
  ['method=norm&order=inf', { normalizer: { method: 'norm', order: 'inf' } }],
  ['method=norm&order=-inf', { normalizer: { method: 'norm', order: '-inf' } }],
  ['method=norm&order=0.5', { normalizer: { method: 'norm', order: 0.5 } }],
  ['method=norm&order=0', { normalizer: { method: 'norm', order: 0 } }],
  ['method=norm&order=-2&epsilon=1e-12', { normalizer: { method: 'norm', order: -2, epsilon: 1e-12 } }],
  ['method=minmax&columns=3', { normalizer: { method: 'minmax', columns: [3] } }],
  ['method=minmax&columns=0,-1', { normalizer: { method: 'minmax', columns: [0, -1] } }],
  [
    'method=minmax&nan_policy=omit&on_constant=error',
    { normalizer: { method: 'minmax', nan_policy: 'omit', on_constant: 'error' } },
  ],
  ['method=minmax&include=data', { normalizer: { method: 'minmax' }, include: ['data'] }],
  ['method=minmax&include=data,fitted', { normalizer: { method: 'minmax' }, include: ['data', 'fitted'] }],
  ['method=minmax&statistics=false', { normalizer: { method: 'minmax' }, statistics: false }],
  ['method=minmax&statistics=true', { normalizer: { method: 'minmax' }, statistics: true }],
  [
    `method=minmax&statistics=${encodeURIComponent('{"axis": [0, 1], "ddof": 0, "quantiles": [0.5], "histogram": {"bins": 2}}')}`,
    {
      normalizer: { method: 'minmax' },
      statistics: { axis: [0, 1], ddof: 0, quantiles: [0.5], histogram: { bins: 2 } },
    },
  ],
  ['method=minmax&output_dtype=float16', { normalizer: { method: 'minmax' }, output_dtype: 'float16' }],
  ['axis=0&method=m%69nmax', { normalizer: { method: 'minmax', axis: 0 } }],
];

for (const [query, members] of same) {
  test(`?${query} says what JSON says`, async () => {
    const json = await service.post('/v1/normalize', { data: lists, ...members });
    assert.equal(json.status, 200, JSON.stringify(json.body));
    const binary = await ask(query);
    assert.equal(binary.status, 200, JSON.stringify(binary.body));
    assert.deepEqual(binary.body, json.body);
  });
}

test('output_dtype chooses the dtype of an npy answer', async () => {
  for (const dtype of ['float16', 'float32', 'float64']) {
    const answer = await ask(`method=minmax&output_dtype=${dtype}`, { accept: npy });
    assert.equal(readNpy(answer.body).dtype, dtype);
  }
});

test('a fitted document goes in the query as JSON', async () => {
  const { fitted } = (await ask('method=minmax', {}, '/v1/fit')).body;
  const query = `fitted=${encodeURIComponent(JSON.stringify(fitted))}`;
  const there = await ask(query, { accept: npy }, '/v1/transform');
  assert.ok(readNpy(there.body).data.equals(readNpy((await ask('method=minmax', { accept: npy })).body).data));
  const back = await service.post(`/v1/inverse-transform?${query}`, there.body, { 'content-type': npy });
  assert.equal(back.status, 200);
  back.body.data.flat(2).forEach((value: number, at: number) => {
    assert.ok(Math.abs(value - values[at]) < 1e-13);
  });
});

test('JSON may leave its options to the query, each in one of the two places', async () => {
  const inBody = await service.post('/v1/normalize', {
    normalizer: { method: 'norm', axis: 0 },
    data: lists,
    include: ['data'],
  });
  const inQuery = await service.post('/v1/normalize?method=norm&axis=0', { data: lists, include: ['data'] });
  const mixed = await service.post('/v1/normalize?include=data', {
    normalizer: { method: 'norm', axis: 0 },
    data: lists,
  });
  assert.deepEqual(inQuery.body, inBody.body);
  assert.deepEqual(mixed.body, inBody.body);
  const twice: [string, Record<string, unknown>][] = [
    ['method=norm', { normalizer: { method: 'norm' } }],
    ['include=data', { normalizer: { method: 'norm' }, include: ['data'] }],
    ['statistics=false', { normalizer: { method: 'norm' }, statistics: false }],
    ['output_dtype=float32', { normalizer: { method: 'norm' }, output_dtype: 'float32' }],
  ];
  for (const [query, members] of twice) {
    const answer = await service.post(`/v1/normalize?${query}`, { data: lists, ...members });
    assert.equal(answer.status, 400, query);
    assert.equal(answer.body.code, 'invalid_request');
  }
});

describe('what the query must not hold is a 400 that names it', () => {
  const wrong: [query: string, named: string, path?: string][] = [
    ['method=minmax&axis=0&axis=1', 'axis'],
    ['method=minmax&method=minmax', 'method'],
    ['method=minmax&include=data&include=fitted', 'include'],
    ['method=minmax&foo=1', 'foo'],
    ['method=minmax&Axis=0', 'Axis'],
    ['method=minmax&order=2', 'order'],
    ['foo=1', 'foo'],
    ['axis=0', 'axis'],
    ['', 'normalizer'],
    ['method=', 'method'],
    ['method=nothing', 'method'],
    ['method=minmax&axis=', 'axis'],
    ['method=minmax&axis=0,', 'axis'],
    ['method=minmax&axis=none', 'axis'],
    ['method=minmax&axis=0x1', 'axis'],
    ['method=minmax&axis=0.5', 'axis'],
    ['method=minmax&axis=%00', 'axis'],
    ['method=minmax&axis=9', 'axis'],
    ['method=minmax&clip=1', 'clip'],
    ['method=minmax&clip=yes', 'clip'],
    ['method=minmax&feature_range=1', 'feature_range'],
    ['method=minmax&feature_range=1,0', 'feature_range'],
    ['method=minmax&feature_range=0,1,2', 'feature_range'],
    ['method=minmax&feature_range=0,1e999', 'feature_range'],
    ['method=minmax&columns=[1.5]', 'columns'],
    ['method=minmax&columns=[]', 'columns'],
    ['method=minmax&include=', 'include'],
    ['method=minmax&include=all', 'include'],
    ['method=minmax&statistics=', 'statistics'],
    ['method=minmax&statistics=0', 'statistics'],
    ['method=minmax&statistics=%7B%22axis%22', 'statistics'],
    ['method=minmax&statistics=%7B%22axes%22%3A0%7D', 'axes'],
    ['method=minmax&output_dtype=float128', 'output_dtype'],
    ['method=minmax&output_dtype=int8', 'output_dtype'],
    ['method=norm&order=Infinity', 'order'],
    ['method=norm&order=nan', 'order'],
    ['method=norm&order=1e400', 'order'],
    ['method=minmax&data=1', 'data'],
    ['method=minmax&normalizer=%7B%22method%22%3A%22norm%22%7D', 'normalizer'],
    ['method=minmax&__proto__=1', '__proto__'],
    ['method=minmax&__proto__=%7B%22clip%22%3Atrue%7D', '__proto__'],
    ['axis=0&__proto__=%7B%22method%22%3A%22minmax%22%7D', 'axis'],
    ['method=minmax&constructor=1', 'constructor'],
    ['method=minmax&toString=1', 'toString'],
    ['method=minmax&output_dtype=float32', 'output_dtype', '/v1/fit'],
    ['method=norm', 'normalizer', '/v1/describe'],
    ['include=data', 'include', '/v1/describe'],
    ['', 'fitted', '/v1/transform'],
    ['fitted=%7B%22normalizer', 'fitted', '/v1/transform'],
    ['method=norm', 'normalizer', '/v1/inverse-transform'],
  ];
  for (const [query, named, path = '/v1/normalize'] of wrong) {
    test(`${path}?${query}`, async () => {
      const { status, body, headers } = await ask(query, {}, path);
      assert.equal(status, 400, JSON.stringify(body));
      assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
      const places = body.errors?.map(({ pointer }: { pointer: string }) => pointer) ?? [];
      assert.ok(
        [body.detail, ...places].some((text) => text.includes(named)),
        JSON.stringify(body),
      );
    });
  }
});
