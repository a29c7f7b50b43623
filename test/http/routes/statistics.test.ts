/** What a client may ask of the statistics, what comes back and in which shape. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { difference } from '../../closeness.ts';
import { type Service, startService } from '../../service.ts';
import { countOf, npyFile, readNpy } from '../../formats/arrays.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const names = ['nobs', 'minmax', 'mean', 'variance', 'skewness', 'kurtosis', 'nan_count', 'zero_count'];

async function ask(path: string, body: unknown) {
  const answer = await service.post(path, body);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body;
}

async function described(data: unknown, statistics?: unknown) {
  return (await ask('/v1/describe', statistics === undefined ? { data } : { data, statistics })).statistics;
}

const rows = JSON.parse('[[3,5,0],[6,10,0],[7,0,1],[8,-2,1]]');

describe('what is asked', () => {
  test('true is the default, and the same as no options', async () => {
    const told = await described(rows);
    assert.deepEqual(Object.keys(told).sort(), names.toSorted());
    assert.deepEqual(await described(rows, true), told);
    assert.deepEqual(await described(rows, {}), told);
    assert.deepEqual(await described(rows, { axis: null, ddof: 1, bias: true }), told);
  });

  test('false leaves them out', async () => {
    for (const path of ['/v1/normalize', '/v1/fit']) {
      const body = await ask(path, { normalizer: { method: 'minmax' }, data: rows, statistics: false });
      assert.ok(!('statistics' in body));
    }
  });

  test('quantiles and a histogram come when they are asked', async () => {
    const told = await described(rows, { quantiles: [0, 0.5, 1], histogram: {} });
    assert.deepEqual(Object.keys(told).sort(), [...names, 'quantiles', 'histogram'].sort());
    assert.deepEqual(told.quantiles, [-2, 2, 10]);
    assert.equal(told.histogram.counts.length, 10);
    assert.equal(told.histogram.edges.length, 11);
  });

  const wrong: [what: string, statistics: unknown, status: number][] = [
    ['null', null, 400],
    ['a number', 1, 400],
    ['a list', [], 400],
    ['text', 'true', 400],
    ['an unknown option', { axes: 0 }, 400],
    ['an axis out of range', { axis: 2 }, 422],
    ['an axis twice', { axis: [0, -2] }, 422],
    ['half an axis', { axis: 0.5 }, 400],
    ['a negative ddof', { ddof: -1 }, 400],
    ['a bias that is no boolean', { bias: 0 }, 400],
    ['a quantile above 1', { quantiles: [0.5, 1.5] }, 400],
    ['a quantile that is no list', { quantiles: 0.5 }, 400],
    ['no bins', { histogram: { bins: 0 } }, 400],
    ['half a bin', { histogram: { bins: 2.5 } }, 400],
    ['a range that falls', { histogram: { range: [2, 1] } }, 400],
    ['a range of one', { histogram: { range: [1] } }, 400],
    ['an unknown member of the histogram', { histogram: { density: true } }, 400],
  ];
  for (const [what, statistics, status] of wrong) {
    test(`${what} is a ${status} that points there`, async () => {
      const answers = [
        await service.post('/v1/describe', { data: rows, statistics }),
        await service.post('/v1/normalize', { normalizer: { method: 'minmax' }, data: rows, statistics }),
      ];
      for (const { status: got, body } of answers) {
        assert.equal(got, status, JSON.stringify(body));
        assert.match(body.errors[0].pointer, /^\/statistics/);
      }
    });
  }
});

describe('shapes', () => {
  test('along two of three axes there is one value per remaining index', async () => {
    const data = Array.from({ length: 2 }, (_, a) => Array.from({ length: 3 }, (_, b) => [a + b, a * b, a - b, 1]));
    const told = await described(data, {
      axis: [0, 1],
      quantiles: [0.25, 0.75],
      histogram: { bins: 3, range: [-3, 3] },
    });
    assert.equal(told.nobs, 6);
    for (const name of ['mean', 'variance', 'skewness', 'kurtosis', 'nan_count', 'zero_count'])
      assert.equal(told[name].length, 4, name);
    assert.deepEqual(
      told.minmax.map((end: number[]) => end.length),
      [4, 4],
    );
    assert.deepEqual(
      told.quantiles.map((level: number[]) => level.length),
      [4, 4],
    );
    assert.deepEqual(
      told.histogram.counts.map((bins: number[]) => bins.length),
      [3, 3, 3, 3],
    );
    assert.deepEqual(told.histogram.edges[0], [-3, -1, 1, 3]);
  });

  test('nobs is one number when it is equal for every slice, otherwise one per slice', async () => {
    assert.equal((await described(JSON.parse('[[1,2],[3,null],[null,4]]'), { axis: 0 })).nobs, 2);
    assert.deepEqual((await described(JSON.parse('[[1,2],[3,4],[null,4]]'), { axis: 0 })).nobs, [2, 3]);
    assert.deepEqual((await described(JSON.parse('[[1,2],[3,4],[null,4]]'), { axis: 1 })).nobs, [2, 2, 1]);
  });

  test('along an axis each slice says what it says alone', async () => {
    const cell = fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: -40, max: 40 }).map((k) => k / 4) },
      fc.constantFrom(null, 0),
    );
    const cases = fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 2, maxLength: 3 }).chain((shape) =>
      fc.record({
        shape: fc.constant(shape),
        axis: fc.nat(shape.length - 1),
        cells: fc.array(cell, { minLength: countOf(shape), maxLength: countOf(shape) }),
        options: fc.record({ ddof: fc.nat(2), bias: fc.boolean() }),
      }),
    );
    await fc.assert(
      fc.asyncProperty(cases, async ({ shape, axis, cells, options: plain }) => {
        const options = { ...plain, quantiles: [0.1, 0.5], histogram: { bins: 4, range: [-5, 5] } };
        const whole = await described({ dtype: 'float64', shape, data: cells }, { axis, ...options });
        const inner = countOf(shape.slice(axis + 1));
        const kept = shape.filter((_, at) => at !== axis);
        for (let slice = 0; slice < countOf(kept); slice++) {
          const first = Math.floor(slice / inner) * inner * shape[axis] + (slice % inner);
          const values = Array.from({ length: shape[axis] }, (_, at) => cells[first + at * inner]);
          const alone = await described({ dtype: 'float64', shape: [values.length], data: values }, options);
          const at = (lists: unknown) =>
            kept.length === 1
              ? (lists as unknown[])[slice]
              : (lists as unknown[][])[Math.floor(slice / kept[1])][slice % kept[1]];
          for (const name of ['mean', 'variance', 'skewness', 'kurtosis', 'nan_count', 'zero_count']) {
            assert.equal(difference(at(whole[name]), alone[name], 1e-12), undefined, name);
          }
          assert.equal(typeof whole.nobs === 'number' ? whole.nobs : at(whole.nobs), alone.nobs);
          assert.deepEqual(whole.minmax.map(at), alone.minmax);
          assert.deepEqual(whole.quantiles.map(at), alone.quantiles);
          assert.deepEqual(at(whole.histogram.counts), alone.histogram.counts);
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('histograms', () => {
  test('count by their own edges, the last bin closed, whatever the range', async () => {
    const number = fc.oneof(fc.integer({ min: -8, max: 8 }), fc.double({ noNaN: true, min: -1e3, max: 1e3 }));
    const cases = fc.record({
      values: fc.array(number, { minLength: 1, maxLength: 40 }),
      bins: fc.integer({ min: 1, max: 12 }),
      range: fc.option(fc.tuple(fc.integer({ min: -9, max: 0 }), fc.integer({ min: 1, max: 9 })), { nil: undefined }),
    });
    await fc.assert(
      fc.asyncProperty(cases, async ({ values, bins, range }) => {
        const { histogram, nobs } = await described(values, { histogram: { bins, ...(range && { range }) } });
        const { counts, edges } = histogram as { counts: number[]; edges: number[] };
        const inBin = (value: number, bin: number) =>
          value >= edges[bin] && (bin === bins - 1 ? value <= edges[bins] : value < edges[bin + 1]);
        assert.deepEqual(
          counts,
          Array.from({ length: bins }, (_, bin) => values.filter((value) => inBin(value, bin)).length),
        );
        const least = Math.min(...values);
        const most = Math.max(...values);
        const ends = range ?? (least === most ? [least - 0.5, most + 0.5] : [least, most]);
        assert.deepEqual(
          [edges[0], edges[bins]].map((edge) => edge || 0),
          ends.map((edge) => edge || 0),
        );
        if (!range)
          assert.equal(
            counts.reduce((sum, count) => sum + count),
            nobs,
          );
      }),
      { numRuns: 60 },
    );
  });

  test('without a range that can be cut, say so instead of losing values', async () => {
    for (const data of [
      [1e17, 1e17, 1e17],
      [-1e308, 1e308],
      [0, 'Infinity'],
    ]) {
      const { status, body } = await service.post('/v1/describe', { data, statistics: { histogram: { bins: 3 } } });
      if (status === 200)
        assert.equal(
          body.statistics.histogram.counts.reduce((sum: number, count: number) => sum + count),
          data.length,
        );
      else assert.deepEqual([status, body.code], [422, 'not_computable']);
    }
  });
});

describe('what comes back', () => {
  test('is strict JSON: NaN is null, infinities are text', async () => {
    const response = await fetch(`${service.url}/v1/normalize`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"normalizer":{"method":"minmax","nan_policy":"propagate"},"data":[[1,null,"-Infinity"],[2,"NaN","Infinity"]]}',
    });
    const text = await response.text();
    assert.ok(!/[[,:](NaN|-?Infinity)\b/.test(text), text);
    const { data, statistics, fitted } = JSON.parse(text);
    assert.deepEqual(data, [
      [0, null, null],
      [1, null, null],
    ]);
    assert.deepEqual(statistics.input.minmax, ['-Infinity', 'Infinity']);
    assert.deepEqual([statistics.input.nobs, statistics.input.nan_count], [4, 2]);
    assert.equal(statistics.input.variance, null);
    assert.deepEqual(fitted.parameters.data_max, [2, null, 'Infinity']);
  });

  test('leaves NaN out and counts it; infinities go through', async () => {
    const told = await described([1, 'Infinity', 3, null]);
    const { nobs, minmax, mean, variance, nan_count } = told;
    assert.deepEqual(
      { nobs, minmax, mean, variance, nan_count },
      { nobs: 3, minmax: [1, 'Infinity'], mean: 'Infinity', variance: null, nan_count: 1 },
    );
    const nothing = await described([null, null]);
    assert.deepEqual([nothing.nobs, nothing.nan_count, nothing.mean, nothing.minmax], [0, 2, null, [null, null]]);
  });

  test('counts zeros of either sign', async () => {
    const answer = await service.post('/v1/describe', Buffer.from('{"data":[0,-0,1e-320,-1e-400,5]}'), {
      'content-type': 'application/json',
    });
    assert.equal(answer.body.statistics.zero_count, 3);
  });

  test('of a normalization is what describe says of the input, and of the output as it is returned', async () => {
    const data = { dtype: 'float32', shape: [4, 3], data: rows.flat() };
    const statistics = { axis: 0, quantiles: [0.3], histogram: { bins: 2 } };
    for (const method of ['minmax', 'zscore', 'norm']) {
      const body = await ask('/v1/normalize', { normalizer: { method }, data, statistics, output_dtype: 'float16' });
      assert.deepEqual(body.statistics.input, await described(data, statistics));
      assert.deepEqual(body.statistics.output, await described(body.data, statistics));
      const fit = await ask('/v1/fit', { normalizer: { method }, data, statistics });
      assert.deepEqual(fit.statistics, { input: body.statistics.input });
    }
  });
});

describe('include', () => {
  const members = ['data', 'fitted', 'statistics'];
  const subsets = members.reduce<string[][]>((all, name) => [...all, ...all.map((some) => [...some, name])], [[]]);

  for (const include of subsets) {
    test(`[${include}] returns that and the warnings`, async () => {
      const whole = await ask('/v1/normalize', { normalizer: { method: 'minmax' }, data: rows });
      const some = await ask('/v1/normalize', { normalizer: { method: 'minmax' }, data: rows, include });
      assert.deepEqual(Object.keys(some).sort(), [...include, 'warnings'].sort());
      for (const name of include) assert.deepEqual(some[name], whole[name], name);
      const fit = await ask('/v1/fit', { normalizer: { method: 'minmax' }, data: rows, include });
      assert.deepEqual(Object.keys(fit).sort(), [...include.filter((name) => name !== 'data'), 'warnings'].sort());
      const transform = await ask('/v1/transform', { fitted: whole.fitted, data: rows, include });
      assert.deepEqual(
        Object.keys(transform).sort(),
        [...include.filter((name) => name !== 'fitted'), 'warnings'].sort(),
      );
    });
  }

  test('takes nothing else', async () => {
    for (const include of ['data', ['warnings'], ['all'], [1], [null], {}, null]) {
      const { status, body } = await service.post('/v1/normalize', {
        normalizer: { method: 'minmax' },
        data: rows,
        include,
      });
      assert.equal(status, 400, JSON.stringify(include));
      assert.match(body.errors[0].pointer, /^\/include/);
    }
  });

  test('what is not returned is not computed: a histogram of an infinity would be an error', async () => {
    const statistics = { histogram: {} };
    const normalizer = { method: 'minmax', nan_policy: 'propagate' };
    const body = { normalizer, data: [1, 'Infinity'], statistics };
    assert.equal((await service.post('/v1/normalize', body)).status, 422);
    for (const include of [['data'], ['fitted'], ['data', 'fitted'], []]) {
      assert.equal((await service.post('/v1/normalize', { ...body, include })).status, 200, JSON.stringify(include));
    }
    const file = npyFile('float64', [2], [1, Infinity]);
    const query = `method=minmax&nan_policy=propagate&statistics=${encodeURIComponent(JSON.stringify(statistics))}`;
    const answer = await service.post(`/v1/normalize?${query}`, file, {
      'content-type': 'application/x-npy',
      accept: 'application/x-npy',
    });
    assert.equal(answer.status, 200);
    assert.equal(readNpy(answer.body).data.length, 16);
  });
});
