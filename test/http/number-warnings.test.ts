/** What is said of numbers that are lost, infinite, undefined or suspicious, by each call that meets them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

async function ask(path: string, body: unknown): Promise<any> {
  const answer = await service.post(path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

async function fit(normalizer: object, data: unknown): Promise<object> {
  return (await ask('/v1/fit', { normalizer, data, statistics: false })).fitted;
}

interface Told {
  code: string;
  count?: number;
  slices?: number[];
  values?: number[];
  parameters?: string[];
  message: string;
}

const find = (body: { warnings: Told[] }, code: string) => body.warnings.find((warning) => warning.code === code);

const bytes = (shape: number[], of: (at: number) => number) => {
  const count = shape.reduce((product, length) => product * length, 1);
  return { dtype: 'uint8', shape, data: Array.from({ length: count }, (_, at) => of(at)) };
};

describe('overflow', () => {
  const wide = { method: 'minmax', feature_range: [0, 100_000] };

  test('counts values that do not fit the output dtype, in whatever dtype they came', async () => {
    for (const dtype of ['float64', 'float32', 'int32', 'uint8', 'float16']) {
      const data = { dtype, shape: [4, 1], data: [1, 2, 3, 3] };
      for (const statistics of [true, false]) {
        const body = await ask('/v1/normalize', { normalizer: wide, data, output_dtype: 'float16', statistics });
        assert.deepEqual(body.data.data.slice(2), ['Infinity', 'Infinity'], dtype);
        assert.equal(find(body, 'overflow')?.count, 2, dtype);
      }
    }
  });

  test('counts each pixel of a long row of bytes', async () => {
    const normalizer = { method: 'affine', rescale: 1000, axis: null };
    const body = await ask('/v1/normalize', {
      normalizer,
      data: bytes([1, 2000], (at) => at % 256),
      output_dtype: 'float16',
    });
    const infinite = body.data.data.filter((value: unknown) => value === 'Infinity').length;
    assert.ok(infinite > 0);
    assert.equal(find(body, 'overflow')?.count, infinite);
  });

  test('is told by transform and inverse-transform', async () => {
    const fitted = await fit({ method: 'minmax' }, [[0], [1e300]]);
    assert.equal(find(await ask('/v1/inverse-transform', { fitted, data: [[1e10], [0.5]] }), 'overflow')?.count, 1);
    const tiny = await fit({ method: 'maxabs' }, [[1e-300], [0]]);
    assert.equal(find(await ask('/v1/transform', { fitted: tiny, data: [[1e10]] }), 'overflow')?.count, 1);
  });

  test('counts what passes through, and not what is replaced', async () => {
    const normalizer = { method: 'minmax', columns: [0] };
    const data = [
      [1e300, 1e300],
      [2e300, 5],
    ];
    const body = await ask('/v1/normalize', { normalizer, data, output_dtype: 'float32' });
    assert.deepEqual(body.data, [
      [0, 'Infinity'],
      [1, 5],
    ]);
    assert.equal(find(body, 'overflow')?.count, 1);
  });

  test('names parameters that no double holds, of an output that is right', async () => {
    const body = await ask('/v1/normalize', { normalizer: { method: 'norm' }, data: [[1.5e308, 1.5e308]] });
    assert.deepEqual(body.data, [[Math.SQRT1_2, Math.SQRT1_2]]);
    assert.deepEqual(find(body, 'overflow')?.parameters, ['norms']);
  });

  test('is not told of infinities that came', async () => {
    const normalizer = { method: 'affine', rescale: 2, axis: null, nan_policy: 'propagate' };
    const body = await ask('/v1/normalize', { normalizer, data: [['Infinity', null, 1]] });
    assert.deepEqual(body.data, [['Infinity', null, 2]]);
    assert.deepEqual(body.warnings, []);
  });
});

test('whitening counts what comes out infinite, and not what NaN in the sample leaves NaN', async () => {
  const data = [
    [1, 2],
    [2, 1],
    [3, 5],
    [4, 3],
  ];
  for (const options of [{}, { kind: 'cholesky' }, { kind: 'pca', n_components: 1 }]) {
    const fitted = await fit({ method: 'whiten', nan_policy: 'omit', ...options }, data);
    const sent = [[1e9, 0], [null, 1], ...data];
    const body = await ask('/v1/transform', { fitted, data: sent, output_dtype: 'float16', statistics: false });
    const infinite = body.data.flat().filter((value: unknown) => String(value).endsWith('Infinity')).length;
    assert.ok(infinite > 0);
    assert.deepEqual(
      body.warnings.map(({ code, count }: Told) => [code, count]),
      [['overflow', infinite]],
    );
  }
});

test('outside_domain counts what an inverse has no value for', async () => {
  const fitted = await fit({ method: 'power' }, [[1], [1], [1e10]]);
  const body = await ask('/v1/inverse-transform', { fitted, data: [[1.5], [2], [3]] });
  assert.deepEqual(body.data.slice(1), [[null], [null]]);
  assert.equal(find(body, 'outside_domain')?.count, 2);
});

test('a column of NaN alone is one rule under propagate', async () => {
  for (const method of ['zscore', 'mean_range', 'minmax', 'maxabs', 'robust']) {
    const data = [
      [1, null],
      [2, null],
    ];
    const body = await ask('/v1/normalize', { normalizer: { method, nan_policy: 'propagate' }, data });
    assert.deepEqual(body.fitted.n_samples_seen, [2, 0], method);
    assert.deepEqual(find(body, 'all_nan_slices')?.slices, [1], method);
  }
});

test('a value of a slice that was fitted to NaN comes out as NaN, and that is said', async () => {
  const normalizer = { method: 'zscore', nan_policy: 'omit' };
  const fitted = await fit(normalizer, [
    [1, null],
    [2, null],
  ]);
  for (const path of ['/v1/transform', '/v1/inverse-transform']) {
    const body = await ask(path, { fitted, data: [[1, 5]] });
    assert.equal(body.data[0][1], null);
    assert.equal(find(body, 'all_nan_slices')?.count, 1, path);
  }
});

describe('a whole number that no double holds', () => {
  const send = (text: string) =>
    service.send('POST', '/v1/normalize', Buffer.from(text), { 'content-type': 'application/json' });

  for (const data of [
    '[[9007199254740993,1],[9007199254740995,2]]',
    '{"dtype":"float64","shape":[2,1],"data":[9007199254740993,1]}',
  ]) {
    test(`is refused where it stands in ${data.slice(0, 20)}`, async () => {
      const columns = data.startsWith('[') ? ',"columns":[1]' : '';
      const answer = await send(`{"normalizer":{"method":"minmax"${columns}},"data":${data}}`);
      assert.equal(answer.status, 422);
      assert.equal(answer.body.code, 'not_exact');
      assert.ok(answer.body.errors[0].pointer.startsWith('/data/'));
    });
  }

  test('is refused in a long body, too', async () => {
    const rows = Array.from({ length: 60_000 }, (_, at) => `[${at},9007199254740993]`).join();
    const answer = await send(`{"normalizer":{"method":"minmax"},"data":[${rows}],"include":["fitted"]}`);
    assert.equal(answer.status, 422);
    assert.deepEqual(answer.body.errors[0].pointer, '/data/0/1');
  });

  test('is taken as JavaScript writes a double', async () => {
    const values = [[2 ** 60], [2 ** 63 + 2 ** 40], [1e20], [9007199254740994]];
    assert.equal((await ask('/v1/normalize', { normalizer: { method: 'maxabs' }, data: values })).data[2][0], 1);
  });
});

describe('precision_loss', () => {
  test('float64 whose mean is over 10^9 deviations from zero', async () => {
    for (const [offset, expected] of [
      [1e10, true],
      [1e8, false],
    ] as const) {
      const data = [[offset - 1], [offset + 1], [offset]];
      const body = await ask('/v1/normalize', { normalizer: { method: 'zscore' }, data });
      assert.equal(find(body, 'precision_loss') !== undefined, expected);
    }
  });

  test('a power that is not standardized, whose values are all but equal', async () => {
    const data = Array.from({ length: 40 }, (_, at) => [2015 + ((at * at) % 12) * 0.5]);
    for (const standardize of [true, false]) {
      const body = await ask('/v1/normalize', { normalizer: { method: 'power', standardize }, data });
      assert.equal(find(body, 'precision_loss') !== undefined, !standardize);
    }
  });

  test('not equal values, whose deviation is rounding', async () => {
    const body = await ask('/v1/normalize', { normalizer: { method: 'zscore' }, data: [[0.1], [0.1], [0.1]] });
    assert.deepEqual(
      body.warnings.map(({ code }: Told) => code),
      ['constant_slices'],
    );
  });
});

describe('what a mean and a deviation do not describe', () => {
  const rows = Array.from({ length: 3000 }, (_, at) => [
    at === 7 ? 1 : 0,
    at % 100 === 3 ? 50 + at / 100 : at % 7,
    at % 11,
  ]);

  test('near_constant and heavy_tails name their slices', async () => {
    for (const path of ['/v1/normalize', '/v1/fit']) {
      const body = await ask(path, { normalizer: { method: 'zscore' }, data: rows, statistics: false });
      assert.deepEqual(find(body, 'near_constant')?.slices, [0]);
      assert.deepEqual(find(body, 'heavy_tails')?.slices, [1]);
    }
  });

  test('nothing is said of ranks and of samples', async () => {
    for (const normalizer of [{ method: 'quantile' }, { method: 'zscore', axis: -1 }]) {
      const body = await ask('/v1/normalize', { normalizer, data: rows.slice(0, 500), include: ['data'] });
      for (const code of ['near_constant', 'heavy_tails']) assert.equal(find(body, code), undefined);
    }
  });
});

describe('sentinels', () => {
  const ages = Array.from({ length: 40 }, (_, at) => 20 + at);
  const cases: [what: string, values: (number | null)[], expected?: number][] = [
    ['-999 among ages', ages.map((age, at) => (at % 9 === 4 ? -999 : age)), -999],
    ['-999 among incomes', ages.map((age, at) => (at % 9 === 4 ? -999 : age * 10_000)), -999],
    ['9999 among ages', ages.map((age, at) => (at % 9 === 4 ? 9999 : age)), 9999],
    ['one outlier alone', ages.map((age, at) => (at === 4 ? -999 : age))],
    ['ages', ages],
    ['zeros among few values', ages.map((age, at) => (at % 4 ? 0 : age))],
    ['flags', ages.map((age) => age % 2)],
    ['NaN besides', ages.map((age, at) => (at % 9 === 4 ? null : age))],
  ];
  for (const [what, values, expected] of cases) {
    test(`${what}: ${expected ?? 'none'}`, async () => {
      for (const method of ['zscore', 'minmax']) {
        const normalizer = { method, nan_policy: 'omit' };
        const body = await ask('/v1/fit', { normalizer, data: values.map((value) => [value]) });
        assert.deepEqual(find(body, 'sentinels')?.values, expected === undefined ? undefined : [expected]);
        const without = await ask('/v1/fit', { normalizer, data: values.map((value) => [value]), statistics: false });
        assert.equal(find(without, 'sentinels'), undefined);
      }
    });
  }
});

describe('range_suspicious', () => {
  const scaled = Array.from({ length: 12 }, (_, at) => [at / 11]);
  const pixels = bytes([12, 1], (at) => at * 23);
  const imagenet = { method: 'affine', preset: 'imagenet' };
  const suspicious = async (path: string, body: object) =>
    find(await ask(path, body), 'range_suspicious') !== undefined;

  test('scaled values through a preset of pixels', async () => {
    const data = [[[[0.1, 0.5, 0.9]]]];
    assert.equal(await suspicious('/v1/normalize', { normalizer: imagenet, data }), true);
    assert.equal(await suspicious('/v1/normalize', { normalizer: { ...imagenet, rescale: 1 }, data }), false);
    assert.equal(
      await suspicious('/v1/normalize', { normalizer: imagenet, data: bytes([1, 1, 3], (at) => at * 99) }),
      false,
    );
  });

  for (const method of ['minmax', 'zscore', 'maxabs', 'mean_range', 'robust']) {
    test(`scaled values after pixels, and the reverse, through ${method}`, async () => {
      const ofPixels = await fit({ method }, pixels);
      const ofScaled = await fit({ method }, scaled);
      assert.equal(await suspicious('/v1/transform', { fitted: ofPixels, data: scaled }), true);
      assert.equal(await suspicious('/v1/transform', { fitted: ofScaled, data: pixels }), true);
      assert.equal(await suspicious('/v1/transform', { fitted: ofPixels, data: pixels }), false);
      assert.equal(await suspicious('/v1/transform', { fitted: ofScaled, data: scaled }), false);
    });
  }
});

describe('constants for channels', () => {
  const imagenet = { method: 'affine', preset: 'imagenet' };

  test('that come first: the error names the axis', async () => {
    const answer = await service.post('/v1/normalize', { normalizer: imagenet, data: bytes([2, 3, 8, 64], () => 7) });
    assert.equal(answer.status, 422);
    assert.match(answer.body.detail, /axis=\[0,2,3\]/);
    const right = { normalizer: { ...imagenet, axis: [0, 2, 3] }, data: bytes([2, 3, 8, 64], () => 7) };
    assert.equal((await ask('/v1/normalize', right)).warnings.length, 0);
  });

  test('that could be on two axes: a warning names the other', async () => {
    const body = await ask('/v1/normalize', { normalizer: imagenet, data: bytes([2, 3, 8, 3], () => 7) });
    assert.match(find(body, 'ambiguous_axis')?.message ?? '', /axis=\[0,2,3\]/);
    const plain = await ask('/v1/normalize', { normalizer: imagenet, data: bytes([3, 8, 8, 3], () => 7) });
    assert.equal(find(plain, 'ambiguous_axis'), undefined);
  });
});

test('weights whose sum is beyond a double are refused', async () => {
  const data = [[1], [2], [3]];
  const body = { normalizer: { method: 'zscore' }, data, sample_weight: [1e308, 1e308, 1e308] };
  const answer = await service.post('/v1/fit', body);
  assert.equal(answer.status, 422);
  assert.equal(answer.body.code, 'invalid_weights');
});
