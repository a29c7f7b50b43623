import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, describe, test } from 'node:test';
import { difference } from '../../closeness.ts';
import { seeded } from '../../seeded.ts';
import { type Service, startService } from '../../service.ts';
import { idxFile, npyFile } from '../../formats/arrays.ts';
import { exchange, jsonOf } from '../exchange.ts';

interface Recorded {
  name: string;
  data: unknown;
  entries: { normalizer: { method: string }; expect: Record<string, any> }[];
}

const { cases } = JSON.parse(readFileSync(new URL('../../fixtures/compare.json', import.meta.url), 'utf8')) as {
  cases: Recorded[];
};

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const rows = [
  [3, 5, 0],
  [6, 10, 0],
  [7, 1, 2],
];

async function compared(body: unknown, headers: Record<string, string> = {}, query = '') {
  const answer = await service.post(`/v1/compare${query}`, body, headers);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  // What it took is the one thing that the same request does not give again.
  if (answer.body.evidence) assert.equal(typeof answer.body.evidence.seconds, 'number');
  delete answer.body.evidence?.seconds;
  return answer.body;
}

/** What is compared where a test needs something over the whole array. */
const whole = [
  { method: 'minmax', axis: null },
  { method: 'zscore', axis: null },
  { method: 'norm', axis: -1 },
];

describe('each normalizer is told of as NumPy, SciPy and scikit-learn have it', () => {
  for (const { name, data, entries } of cases) {
    test(name, async () => {
      const answer = await compared({ data, normalizers: entries.map(({ normalizer }) => normalizer) });
      entries.forEach(({ normalizer, expect }, at) => {
        const got = answer.normalizers[at];
        const close = (actual: unknown, expected: unknown, what: string) =>
          assert.equal(difference(actual, expected, 1e-12), undefined, `${normalizer.method}, ${what}`);
        const [least, greatest] = expect.statistics.minmax;
        for (const [statistic, value] of Object.entries(expect.statistics)) {
          // A mean of nearly 0 is as exact as the values that it is the mean of.
          const expected = statistic === 'mean' ? [value, greatest - least] : [value];
          const actual = [got.statistics[statistic], greatest - least].slice(0, expected.length);
          close(actual, expected, statistic);
        }
        assert.deepEqual(got.histogram.counts, expect.histogram.counts, normalizer.method);
        close(got.histogram.edges, expect.histogram.edges, 'edges');
        assert.deepEqual([got.zeros.input.count, got.zeros.output.count], [expect.zeros.input, expect.zeros.output]);
        assert.equal(got.order.whole_array, expect.whole_array, normalizer.method);
        assert.equal(got.order.within_slices, true);
        close(got.order.rank_correlation, expect.rank_correlation, 'rank correlation');
        close(got.sample_scale.norms.input, expect.norms.input, 'norms of the input');
        close(got.sample_scale.norms.output, expect.norms.output, 'norms of the output');
        close(got.outliers.middle_90.input, expect.middle_90.input, 'middle of the input');
        close(got.outliers.middle_90.output, expect.middle_90.output, 'middle of the output');
      });
    });
  }
});

describe('without a list', () => {
  const methodsOf = ({ normalizers }: any) =>
    normalizers.map(({ normalizer: { method, axis } }: any) => [method, axis]);

  test('a matrix is compared as it is, per feature, and by the L2 norm of each sample', async () => {
    assert.deepEqual(methodsOf(await compared({ data: rows })), [
      ['passthrough', 0],
      ['minmax', 0],
      ['zscore', 0],
      ['robust', 0],
      ['power', 0],
      ['norm', -1],
    ]);
  });

  test('images are compared as they are, over the whole array, per position, and by the L2 norm of each sample', async () => {
    const images = { dtype: 'uint8', shape: [3, 2, 2], data: [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11] };
    assert.deepEqual(methodsOf(await compared({ data: images })), [
      ['passthrough', 0],
      ['minmax', null],
      ['zscore', null],
      ['zscore', 0],
      ['norm', [1, 2]],
    ]);
  });

  test('missing values are left out', async () => {
    const { evidence, normalizers } = await compared({ data: [...rows, [null, 1, 1]] });
    assert.equal(evidence.not_finite, 1);
    assert.ok(normalizers.every(({ normalizer }: any) => normalizer.nan_policy === 'omit'));
  });
});

test('each entry has the statistics and warnings of /v1/normalize', async () => {
  const statistics = { axis: 0, ddof: 0, quantiles: [0.5] };
  const chosen = [{ method: 'norm' }, { method: 'zscore' }, { method: 'minmax', columns: [1, -1] }];
  const { input, normalizers } = await compared({ data: rows, normalizers: chosen, statistics });
  for (const [at, normalizer] of chosen.entries()) {
    const { body } = await service.post('/v1/normalize', { data: rows, normalizer, statistics });
    assert.deepEqual(input.statistics, body.statistics.input);
    assert.deepEqual(normalizers[at].statistics, body.statistics.output);
    assert.deepEqual(normalizers[at].warnings, body.warnings);
    assert.deepEqual(normalizers[at].normalizer, body.fitted.normalizer);
    assert.equal(normalizers[at].scope, body.fitted.scope);
  }
});

test('without statistics the histograms stay, with bins of one’s own', async () => {
  const plain = await compared({ data: rows, statistics: false });
  assert.equal(plain.input.statistics, undefined);
  assert.equal(plain.input.histogram.counts.length, 64);
  const own = await compared({
    data: rows,
    normalizers: whole,
    statistics: { histogram: { bins: 2, range: [0, 20] } },
  });
  assert.deepEqual(own.input.histogram, { counts: [8, 1], edges: [0, 10, 20] });
  assert.deepEqual(own.normalizers[0].histogram, { counts: [9, 0], edges: [0, 10, 20] });
});

test('(3, 5) and (6, 10) become the same under a norm, and keep their places under min-max', async () => {
  const [minmax, , norm] = (
    await compared({
      data: [
        [3, 5],
        [6, 10],
      ],
      normalizers: whole,
    })
  ).normalizers;
  assert.deepEqual(minmax.order, { within_slices: true, whole_array: true, rank_correlation: 1 });
  assert.equal(minmax.sample_scale.kept, true);
  assert.equal(norm.order.whole_array, false);
  assert.equal(norm.sample_scale.kept, false);
  assert.equal(norm.sample_scale.lost, 2);
});

test('a negative factor turns the order round, within slices too', async () => {
  const normalizers = [{ method: 'affine', rescale: -1 }];
  const { order } = (await compared({ data: rows, normalizers })).normalizers[0];
  assert.deepEqual(order, { within_slices: false, whole_array: false, rank_correlation: -1 });
});

describe('a normalizer that these data have no result of', () => {
  test('has its problem in its place, and the others are answered', async () => {
    const normalizers = [
      { method: 'minmax' },
      { method: 'power', power_method: 'box-cox' },
      { method: 'zscore', axis: 5 },
      { method: 'norm' },
    ];
    const answer = await compared({ data: rows, normalizers });
    assert.deepEqual(
      answer.normalizers.map((one: any) => one.problem?.code),
      [undefined, 'not_computable', 'axis_out_of_range', undefined],
    );
    const [, power, zscore] = answer.normalizers;
    assert.match(power.problem.detail, /Box-Cox requires positive values/);
    assert.equal(power.problem.status, 422);
    assert.equal(power.normalizer.method, 'power');
    assert.deepEqual(
      zscore.problem.errors.map(({ pointer }: any) => pointer),
      ['/normalizers/2/axis'],
    );
  });

  test('is the answer’s problem when no other is left', async () => {
    const { status, body } = await service.post('/v1/compare', { data: [[1, null]], normalizers: whole });
    assert.equal(status, 422);
    assert.equal(body.code, 'not_finite');
    assert.deepEqual(
      body.errors.map(({ pointer }: any) => pointer),
      ['/normalizers/0', '/normalizers/1', '/normalizers/2'],
    );
  });
});

describe('weights', () => {
  const normalizers = [{ method: 'minmax' }, { method: 'zscore' }];

  test('count where a method takes them', async () => {
    const sample_weight = [1, 2, 1];
    const answer = await compared({ data: rows, normalizers, sample_weight });
    assert.deepEqual(
      answer.normalizers.map(({ weighted }: any) => weighted),
      [false, true],
    );
    const alone = await service.post('/v1/normalize', { data: rows, normalizer: normalizers[1], sample_weight });
    assert.deepEqual(answer.normalizers[1].statistics, alone.body.statistics.output);
  });

  const bad: [what: string, body: object, code: string][] = [
    ['too few', { normalizers, sample_weight: [1] }, 'invalid_weights'],
    ['for methods that take none', { normalizers: [{ method: 'norm' }], sample_weight: [1, 1, 1] }, 'invalid_request'],
  ];
  for (const [what, body, code] of bad) {
    test(`${what} are refused`, async () => {
      const answer = await service.post('/v1/compare', { data: rows, ...body });
      assert.ok(answer.status === 400 || answer.status === 422);
      assert.equal(answer.body.code, code);
      assert.equal(answer.body.errors[0].pointer, '/sample_weight');
    });
  }
});

describe('bad requests', () => {
  const many = new Array(17).fill({ method: 'norm' });
  const bad: [what: string, body: unknown, pointer: string][] = [
    ['an unknown member', { data: rows, normalizer: { method: 'norm' } }, '/normalizer'],
    ['no normalizer in the list', { data: rows, normalizers: [] }, '/normalizers'],
    ['too many normalizers', { data: rows, normalizers: many }, '/normalizers'],
    [
      'an unknown option',
      { data: rows, normalizers: [{ method: 'norm' }, { method: 'norm', p: 1 }] },
      '/normalizers/1/p',
    ],
    ['no data', { normalizers: [{ method: 'norm' }] }, '/data'],
  ];
  for (const [what, body, pointer] of bad) {
    test(what, async () => {
      const answer = await service.post('/v1/compare', body);
      assert.equal(answer.status, 400, JSON.stringify(answer.body));
      assert.equal(answer.body.errors[0].pointer, pointer);
    });
  }

  test('a media type that is not served', async () => {
    const { status } = await service.post('/v1/compare', { data: rows }, { accept: 'image/png' });
    assert.equal(status, 406);
  });
});

describe('bodies that are not JSON', () => {
  const normalizers = [{ method: 'maxabs' }, { method: 'norm', order: 1 }];
  const query = `?normalizers=${encodeURIComponent(JSON.stringify(normalizers))}&statistics=false`;
  const elements = rows.flat();
  const bodies: [type: string, body: Uint8Array][] = [
    ['application/x-npy', npyFile('float64', [3, 3], elements)],
    ['application/x-npy', npyFile('float64', [3, 3], elements, { fortran: true, bigEndian: true })],
    ['application/octet-stream', idxFile('float64', [3, 3], elements)],
  ];
  for (const [type, body] of bodies) {
    test(type, async () => {
      const expected = await compared({ data: rows, normalizers, statistics: false });
      assert.deepEqual(await compared(body, { 'content-type': type }, query), expected);
    });
  }
});

describe('an array of many blocks', () => {
  const shape = [40_000, 20];
  const random = seeded(5);
  const values = Float32Array.from({ length: 800_000 }, () => Math.round(random() ** 4 * 1e4));
  const file = npyFile('float32', shape, Array.from(values));
  const normalizers = [{ method: 'minmax' }, { method: 'norm' }, { method: 'robust', axis: null }];
  const query = `?normalizers=${encodeURIComponent(JSON.stringify(normalizers))}`;

  test('says the same as /v1/normalize with the same histogram', async () => {
    const answer = await compared(file, { 'content-type': 'application/x-npy' }, query);
    assert.equal(answer.compared_samples, 3276);
    for (const [at, normalizer] of normalizers.entries()) {
      const options = new URLSearchParams({
        ...Object.fromEntries(Object.entries(normalizer).map(([name, value]) => [name, String(value)])),
        include: 'statistics',
        statistics: JSON.stringify({ histogram: { bins: 64 } }),
      });
      const { status, body } = await service.post(`/v1/normalize?${options}`, file, {
        'content-type': 'application/x-npy',
      });
      assert.equal(status, 200, JSON.stringify(body));
      assert.deepEqual(
        { ...answer.normalizers[at].statistics, histogram: answer.normalizers[at].histogram },
        body.statistics.output,
      );
      assert.deepEqual({ ...answer.input.statistics, histogram: answer.input.histogram }, body.statistics.input);
      const values = body.statistics.output.histogram.counts.reduce((sum: number, count: number) => sum + count, 0);
      assert.equal(values, 800_000);
    }
  });

  test('is refused before it is read when it is over the limit', async () => {
    const small = await startService({ bodyLimit: 2 ** 20 });
    const headers = { 'content-type': 'application/x-npy' };
    const answer = await exchange({ url: `${small.url}/v1/compare`, headers, pieces: [file] });
    await small.close();
    assert.equal(answer.status, 413);
    assert.match(jsonOf(answer).detail, /NORMA_BODY_LIMIT/);
  });
});

describe('data that leave something untold', () => {
  const propagates = { nan_policy: 'propagate' };

  test('an infinity leaves no histogram', async () => {
    const { input, normalizers } = await compared({
      data: [[1, 2, 'Infinity']],
      normalizers: [{ method: 'minmax', axis: -1, ...propagates }],
    });
    assert.equal(input.histogram, null);
    assert.deepEqual(input.statistics.minmax, [1, 'Infinity']);
    assert.equal(normalizers[0].outliers.middle_90.input, null);
  });

  test('a constant array has one bin filled, no rank correlation and no middle', async () => {
    const { normalizers } = await compared({
      data: [
        [2, 2],
        [2, 2],
      ],
    });
    assert.equal(normalizers[0].order.rank_correlation, null);
    assert.equal(normalizers[0].outliers.middle_90.output, null);
    assert.equal(normalizers[0].histogram.counts.filter(Boolean).length, 1);
  });

  test('NaN is left out', async () => {
    const { normalizers } = await compared({
      data: [
        [1, null],
        [2, 4],
      ],
      normalizers: [{ method: 'minmax', nan_policy: 'omit' }],
    });
    assert.equal(normalizers[0].statistics.nan_count, 1);
    assert.deepEqual(normalizers[0].order, { within_slices: true, whole_array: false, rank_correlation: 0 });
  });

  test('a number by itself, and a long list under a norm', async () => {
    assert.equal((await compared({ data: 5 })).normalizers.length, 4);
    const long = npyFile(
      'uint8',
      [100_000],
      Array.from({ length: 100_000 }, (_, at) => at % 251),
    );
    const { normalizers } = await compared(long, { 'content-type': 'application/x-npy' });
    assert.equal(normalizers[3].order, undefined, 'a part of a sample says nothing of its norm');
    assert.equal(normalizers[0].order.whole_array, true);
  });
});
