/** npz files as requests, as NumPy and other writers lay them out, and as answers that numpy.load opens. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../../service.ts';
import { elementsOf, npyFile, npyOf, readNpy } from '../arrays.ts';
import { cutInto, exchange, jsonOf } from '../../http/exchange.ts';
import { npzOf, unzip, zipOf } from './zips.ts';

const npz = 'application/x-npz';
const npy = 'application/x-npy';

interface Recorded {
  name: string;
  base64: string;
  data: { dtype: string; shape: number[]; elements: number[] };
  sample_weight?: { elements: number[] };
}

const recorded: Recorded[] = JSON.parse(
  readFileSync(new URL('../../fixtures/npz/files.json', import.meta.url), 'utf8'),
);

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const rows = [3, 5, 6, 10, 7, 8];
const data = npyFile('float32', [3, 2], rows);
const sampleWeight = npyFile('float64', [3], [1, 0.5, 2]);

async function fit(file: Uint8Array, query = 'method=zscore') {
  const answer = await service.post(`/v1/fit?${query}`, file, { 'content-type': npz });
  return { ...answer, fitted: answer.body.fitted };
}

describe('a file that NumPy wrote', () => {
  for (const { name, base64, data: array, sample_weight: weights } of recorded) {
    test(`${name}, gives what the same arrays give as JSON`, async () => {
      const envelope = { normalizer: { method: 'zscore', axis: array.shape.length ? 0 : null }, include: ['fitted'] };
      const asJson = await service.post('/v1/fit', {
        ...envelope,
        data: { dtype: array.dtype, shape: array.shape, data: array.elements },
        ...(weights ? { sample_weight: weights.elements } : {}),
      });
      const query = `method=zscore&axis=${envelope.normalizer.axis}&include=fitted`;
      const asNpz = await fit(Buffer.from(base64, 'base64'), query);
      assert.equal(asNpz.status, asJson.status);
      assert.deepEqual(asNpz.fitted, asJson.body.fitted);
    });
  }
});

describe('a file of another writer', () => {
  const expected = async () => (await fit(npzOf({ sample_weight: sampleWeight, data }))).fitted;
  for (const deflate of [false, true]) {
    for (const descriptor of [undefined, 'signed', 'unsigned'] as const) {
      for (const zip64 of [false, true]) {
        test(`${deflate ? 'deflated' : 'stored'}, descriptor ${descriptor ?? 'none'}, ${zip64 ? 'zip64' : '32 bits'}`, async () => {
          const how = { deflate, descriptor, zip64 };
          const members = [
            { name: 'data.npy', content: data, ...how },
            { name: 'sample_weight.npy', content: sampleWeight, ...how },
          ];
          for (const order of [members, members.toReversed()]) {
            const { status, body, fitted } = await fit(zipOf(order, { zip64, comment: 'made by hand' }));
            assert.equal(status, 200, JSON.stringify(body));
            assert.deepEqual(fitted, await expected());
          }
        });
      }
    }
  }

  test('comes in pieces of any length', async () => {
    const members = [
      { name: 'data.npy', content: data, deflate: true, descriptor: 'signed' as const },
      { name: 'sample_weight.npy', content: sampleWeight, descriptor: 'unsigned' as const },
    ];
    for (const lengths of [[1], [3, 7], [29, 1], [64]]) {
      const reply = await exchange({
        url: `${service.url}/v1/fit?method=zscore`,
        pieces: cutInto(zipOf(members), ...lengths),
        headers: { 'content-type': npz },
      });
      assert.equal(reply.status, 200, reply.body.toString());
      assert.deepEqual(jsonOf(reply).fitted, await expected());
    }
  });
});

describe('large data', () => {
  const values = Float32Array.from({ length: 300_000 }, (_, at) => Math.sin(at) * 100);
  const large = npyOf(values, [100_000, 3]);
  const weights = npyOf(
    Float64Array.from({ length: 100_000 }, (_, at) => at % 3),
    [100_000],
  );

  test('stream, stored and deflated, and give the bits of npy', async () => {
    const headers = { accept: npy };
    const asNpy = await service.post('/v1/normalize?method=norm', large, { ...headers, 'content-type': npy });
    for (const deflate of [false, true]) {
      const file = zipOf([{ name: 'data.npy', content: large, deflate }]);
      const asNpz = await service.post('/v1/normalize?method=norm', file, { ...headers, 'content-type': npz });
      assert.equal(asNpz.status, 200);
      assert.ok(Buffer.from(asNpz.body).equals(Buffer.from(asNpy.body)));
    }
  });

  test('take weights from before and from behind them', async () => {
    const before = await fit(npzOf({ sample_weight: weights, data: large }));
    const behind = await fit(npzOf({ data: large, sample_weight: weights }));
    assert.equal(before.status, 200, JSON.stringify(before.body));
    assert.deepEqual(behind.fitted, before.fitted);
    const unweighted = await fit(npzOf({ data: large }));
    assert.notDeepEqual(unweighted.fitted.parameters.mean, before.fitted.parameters.mean);
  });

  test('that are over the limit take weights from before them alone, and say so', async () => {
    const narrow = await startService({ bodyLimit: 2 ** 20 });
    const post = (file: Uint8Array) => narrow.post('/v1/fit?method=zscore', file, { 'content-type': npz });
    const before = await post(npzOf({ sample_weight: weights, data: large }));
    const behind = await post(npzOf({ data: large, sample_weight: weights }));
    await narrow.close();
    assert.equal(before.status, 200, JSON.stringify(before.body));
    assert.equal(behind.status, 422);
    assert.match(behind.body.detail, /sample_weight\.npy must come before data\.npy/);
  });
});

describe('what an npz file cannot hold', () => {
  const refused: [string, Uint8Array, number, RegExp][] = [
    ['two arrays', npzOf({ data, extra: data }), 400, /"data" and "extra": array= names/],
    ['another array in front', npzOf({ extra: data, data }), 400, /"extra" and "data": array= names/],
    ['a name without .npy', zipOf([{ name: 'data', content: data }]), 400, /"data"/],
    ['the data twice', zipOf([1, 2].map(() => ({ name: 'data.npy', content: data }))), 400, /data\.npy" twice/],
    ['no data', npzOf({ sample_weight: sampleWeight }), 400, /data is missing/],
    ['nothing', zipOf([]), 400, /data is missing/],
    ['weights of rank 2', npzOf({ data, sample_weight: npyFile('float64', [3, 1], [1, 1, 1]) }), 422, /shape \(3, 1\)/],
    ['too few weights', npzOf({ data, sample_weight: npyFile('float64', [2], [1, 1]) }), 422, /2 weights/],
    ['a negative weight', npzOf({ data, sample_weight: npyFile('int8', [3], [1, -1, 1]) }), 422, /-1/],
    [
      'a weight that is rounded',
      npzOf({ data, sample_weight: npyFile('int64', [3], [1n, 2n ** 53n + 1n, 1n]) }),
      422,
      /exactly/,
    ],
  ];
  for (const [what, file, status, says] of refused) {
    test(`${what} is named`, async () => {
      const { status: got, body } = await fit(file);
      assert.equal(got, status, JSON.stringify(body));
      assert.match(body.detail, says);
    });
  }

  test('the only array is the data, whatever it is called; array= names one of several', async () => {
    const expected = (await fit(npzOf({ data }))).fitted;
    for (const [file, query] of [
      [npzOf({ arr_0: data }), ''],
      [npzOf({ 'deep/x': data }), ''],
      [npzOf({ y: sampleWeight, x: data }), '&array=x'],
      [npzOf({ x: data, y: sampleWeight }), '&array=x'],
    ] as const) {
      const { status, body, fitted } = await fit(file, `method=zscore${query}`);
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(fitted, expected);
    }
    const weighted = await fit(npzOf({ x: data, sample_weight: sampleWeight }));
    assert.deepEqual(weighted.fitted, (await fit(npzOf({ data, sample_weight: sampleWeight }))).fitted);
    const missing = await fit(npzOf({ x: data }), 'method=zscore&array=z');
    assert.deepEqual([missing.status, missing.body.errors[0].pointer], [400, '/array']);
  });

  test('weights for a call or a method that takes none, or twice', async () => {
    const file = npzOf({ data, sample_weight: sampleWeight });
    const ask = (path: string) => service.post(path, file, { 'content-type': npz });
    for (const path of ['/v1/fit?method=minmax', '/v1/describe', '/v1/fit?method=zscore&sample_weight=1,1,1']) {
      const { status, body } = await ask(path);
      assert.equal(status, 400, path);
      assert.equal(body.errors[0].pointer, '/sample_weight');
    }
  });
});

describe('an npz answer', () => {
  const ask = async (path: string, body: unknown = npzOf({ data }), type = npz) => {
    const answer = await service.post(path, body, { ...(type ? { 'content-type': type } : {}), accept: npz });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    assert.equal(answer.headers.get('content-type'), npz);
    return unzip(answer.body);
  };

  test('holds the data, each parameter, the fitted document and the statistics of the JSON answer', async () => {
    const files = await ask('/v1/normalize?method=minmax');
    const json = await service.post('/v1/normalize?method=minmax', data, { 'content-type': npy });
    const { fitted, statistics } = json.body;
    const names = Object.keys(fitted.parameters).map((name) => `${name}.npy`);
    assert.deepEqual(Object.keys(files), ['data.npy', ...names, 'fitted.json', 'statistics.json', 'warnings.json']);
    assert.deepEqual(JSON.parse(files['fitted.json'].toString()), fitted);
    assert.deepEqual(JSON.parse(files['statistics.json'].toString()), statistics);
    const asNpy = await service.post('/v1/normalize?method=minmax', data, { 'content-type': npy, accept: npy });
    assert.deepEqual(files['data.npy'], Buffer.from(asNpy.body));
    for (const [name, values] of Object.entries(fitted.parameters)) {
      const array = readNpy(files[`${name}.npy`]);
      assert.deepEqual([array.dtype, array.shape, elementsOf('float64', array.data)], ['float64', [2], values]);
    }
  });

  test('has landmarks along a first axis, and constants of rank 0', async () => {
    const quantile = await ask('/v1/fit?method=quantile&n_quantiles=3');
    assert.deepEqual(readNpy(quantile['quantiles.npy']).shape, [3, 2]);
    assert.deepEqual(readNpy(quantile['references.npy']).shape, [3]);
    const whole = await ask('/v1/fit?method=zscore&axis=null');
    assert.deepEqual(readNpy(whole['mean.npy']).shape, []);
  });

  test('leaves out what is not asked for', async () => {
    assert.deepEqual(Object.keys(await ask('/v1/normalize?method=norm&include=data')), ['data.npy', 'warnings.json']);
    assert.deepEqual(Object.keys(await ask('/v1/normalize?method=norm&include=fitted')), [
      'norms.npy',
      'fitted.json',
      'warnings.json',
    ]);
    assert.deepEqual(Object.keys(await ask('/v1/normalize?method=norm&statistics=false')), [
      'data.npy',
      'norms.npy',
      'fitted.json',
      'warnings.json',
    ]);
    assert.deepEqual(Object.keys(await ask('/v1/fit?method=norm')), [
      'norms.npy',
      'fitted.json',
      'statistics.json',
      'warnings.json',
    ]);
  });

  test('of a transform and its inverse gives the data back', async () => {
    const { 'fitted.json': fitted } = await ask('/v1/fit?method=zscore');
    const query = `fitted=${encodeURIComponent(fitted.toString())}`;
    const there = await ask(`/v1/transform?${query}`);
    assert.deepEqual(Object.keys(there), ['data.npy', 'statistics.json', 'warnings.json']);
    const back = await ask(`/v1/inverse-transform?${query}`, npzOf({ data: there['data.npy'] }));
    assert.deepEqual(Object.keys(back), ['data.npy', 'warnings.json']);
    assert.deepEqual(elementsOf('float32', readNpy(back['data.npy']).data), rows);
  });

  test('of many blocks, and of a JSON request, is no other', async () => {
    const values = Float32Array.from({ length: 600_000 }, (_, at) => at % 1009);
    const large = npyOf(values, [200_000, 3]);
    const files = await ask('/v1/normalize?method=norm', npzOf({ data: large }));
    const asNpy = await service.post('/v1/normalize?method=norm', large, { 'content-type': npy, accept: npy });
    assert.ok(files['data.npy'].equals(Buffer.from(asNpy.body)));
    assert.deepEqual(readNpy(files['norms.npy']).shape, [200_000]);
    const json = await ask('/v1/normalize', { normalizer: { method: 'norm' }, data: [[3, 4]] }, '');
    assert.deepEqual(elementsOf('float64', readNpy(json['data.npy']).data), [0.6, 0.8]);
  });
});

describe('what there is for each sample', () => {
  const matrix = npyFile(
    'float64',
    [12, 1],
    Array.from({ length: 12 }, (_, at) => at % 5),
  );
  const labels = npyFile(
    'int64',
    [12],
    Array.from({ length: 12 }, (_, at) => at % 2),
  );
  const folds = npyFile(
    'int64',
    [12],
    Array.from({ length: 12 }, (_, at) => Math.floor(at / 2) % 3),
  );
  const compare = (file: Uint8Array, query = '') => service.post(`/v1/compare?${query}`, file, { 'content-type': npz });

  test('is in arrays of these names, beside data that array= names', async () => {
    const plain = await compare(npzOf({ data: matrix, labels, folds }));
    assert.equal(plain.status, 200, JSON.stringify(plain.body));
    assert.ok(plain.body.evidence, 'labels are used');
    const named = await compare(npzOf({ X: matrix, other: matrix, labels, folds }), 'array=X');
    assert.deepEqual(withoutTime(named.body), withoutTime(plain.body));
  });

  test('is in the arrays that the query names', async () => {
    const plain = await compare(npzOf({ data: matrix, labels, folds }));
    const named = await compare(npzOf({ y: labels, split: folds, X: matrix }), 'labels=y&folds=split');
    assert.deepEqual(withoutTime(named.body), withoutTime(plain.body));
    const weights = await fit(npzOf({ w: sampleWeight, data }), 'method=zscore&sample_weight=w');
    const asCalled = await fit(npzOf({ sample_weight: sampleWeight, data }));
    assert.deepEqual(weights.fitted, asCalled.fitted);
  });

  test('must be there where the query names it', async () => {
    const answer = await compare(npzOf({ X: matrix, labels }), 'array=X&labels=species');
    assert.equal(answer.status, 400);
    assert.match(answer.body.detail, /no array "species"/);
    assert.equal(answer.body.errors[0].pointer, '/labels');
  });

  test('is left alone in a file of many arrays by a call that has no use for it', async () => {
    const answer = await fit(npzOf({ X: data, labels: npyFile('int64', [3], [0, 1, 0]) }), 'method=zscore&array=X');
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    const asked = await fit(npzOf({ X: data, y: npyFile('int64', [3], [0, 1, 0]) }), 'method=zscore&array=X&labels=y');
    assert.equal(asked.status, 400);
  });
});

function withoutTime(body: object): unknown {
  return JSON.parse(JSON.stringify(body, (key, value: unknown) => (key === 'seconds' ? undefined : value)));
}
