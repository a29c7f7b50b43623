/** What somebody is told who got a name, a type or a piece of JSON a little wrong. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { methods } from '#normalizers/registry.ts';
import { type Service, startService } from '../service.ts';

let service: Service;
before(async () => {
  service = await startService();
  await service.post('/v1/normalizers/price-scaler/versions', { normalizer: { method: 'minmax' }, data });
});
after(() => service.close());

const data = [
  [1, 2],
  [3, 4],
];

const names = methods.map(({ name }) => name);

async function detailOf(path: string, body: unknown, headers?: Record<string, string>): Promise<string> {
  const answer = await service.post(path, typeof body === 'string' ? Buffer.from(body) : body, headers);
  assert.ok(answer.status >= 400 && answer.status < 500, `${answer.status}`);
  return answer.body.detail;
}

const normalize = (normalizer: unknown, more: object = {}) => detailOf('/v1/normalize', { normalizer, data, ...more });

describe('A name that does not exist is quoted, with the nearest one and all there are', () => {
  test('a method', async () => {
    const detail = await normalize({ method: 'zscor' });
    assert.match(detail, /There is no method "zscor"; did you mean "zscore"\?/);
    for (const name of names) assert.ok(detail.includes(`"${name}"`), name);
  });
  test('a method with nothing near it', async () => {
    const detail = await normalize({ method: 'whatever' });
    assert.match(detail, /There is no method "whatever": there are/);
    assert.doesNotMatch(detail, /did you mean/);
  });
  for (const [what, more, message] of [
    ['an option', { axs: 0 }, 'There is no option "axs" of minmax; did you mean "axis"?'],
    ['a value of an option', { nan_policy: 'omitt' }, 'There is no nan_policy "omitt"; did you mean "omit"?'],
  ] as const) {
    test(what, async () => assert.ok((await normalize({ method: 'minmax', ...more })).includes(message)));
  }
  test('a preset', async () => {
    const detail = await normalize({ method: 'affine', preset: 'imagnet' });
    assert.match(detail, /There is no preset "imagnet"; did you mean "imagenet"\?/);
  });
  for (const [what, more, message] of [
    ['a member', { sample_weights: [1, 1] }, 'There is no member "sample_weights"; did you mean "sample_weight"?'],
    ['a statistic', { statistics: { quantile: [0.5] } }, 'There is no member "quantile"; did you mean "quantiles"?'],
    ['a part of the answer', { include: ['dta'] }, 'There is no include "dta"; did you mean "data"?'],
    ['a dtype', { output_dtype: 'flaot32' }, 'There is no output_dtype "flaot32"; did you mean "float32"?'],
  ] as const) {
    test(what, async () => assert.ok((await normalize({ method: 'minmax' }, more)).includes(message)));
  }
  test('a method in a path', async () => {
    const { body } = await service.send('GET', '/v1/methods/zscor');
    assert.match(body.detail, /^There is no method "zscor"; did you mean "zscore"\?/);
  });
  test('a path', async () => {
    assert.equal(
      await detailOf('/v1/normalizers/price-scaler/transfrom', {}),
      'There is no path /v1/normalizers/price-scaler/transfrom; did you mean /v1/normalizers/price-scaler/transform?',
    );
    assert.equal(await detailOf('/v3', {}), 'There is no path /v3; did you mean /v2?');
  });
  test('a stored normalizer, and a version of one', async () => {
    assert.equal(
      await detailOf('/v1/normalizers/price-scalar/transform', { data }),
      'There is no normalizer "price-scalar" in the store; did you mean "price-scaler"?',
    );
    assert.equal(
      await detailOf('/v1/normalizers/price-scaler/versions/7/transform', { data }),
      'There is no version 7 of "price-scaler" in the store; there is 1.',
    );
  });
  test('a format of an export', async () => {
    const { body } = await service.send('GET', '/v1/normalizers/price-scaler/export?format=onx');
    assert.match(body.detail, /There is no format "onx"; did you mean "onnx"\?/);
  });
  test('a media type', async () => {
    const detail = await detailOf('/v1/normalize', '{}', { 'content-type': 'application/jason' });
    assert.match(detail, /"application\/jason" is not read here; did you mean "application\/json"\?/);
  });
  test('a member of the query', async () => {
    const detail = await detailOf('/v1/normalize?methd=minmax', '1,2\n', { 'content-type': 'text/csv' });
    assert.match(detail, /The query has no member "methd"; did you mean "method"\?/);
  });
  test('a datatype and an output of inference', async () => {
    const input = { name: 'input', datatype: 'FP46', shape: [1, 2], data: [1, 2] };
    const path = '/v2/models/price-scaler/infer';
    assert.match(await detailOf(path, { inputs: [input] }), /There is no datatype "FP46"; did you mean "FP\d\d"\?/);
    const outputs = [{ name: 'outputs' }];
    assert.match(
      await detailOf(path, { inputs: [{ ...input, datatype: 'FP64' }], outputs }),
      /There is no output "outputs": a model has one output, "output"/,
    );
  });
});

describe('What is missing or of another type is said in words', () => {
  for (const [what, normalizer, message] of [
    ['no method', { axis: 0 }, /^\/normalizer\/method: The member "method" is missing; it is one of "affine", /],
    ['no normalizer', undefined, /^\/normalizer: A normalizer is missing: .*\?method=/],
    ['a name instead of an object', 'minmax', /must be an object such as \{"method":"minmax"\}, not "minmax"/],
    ['a number in quotes', { method: 'minmax', axis: '0' }, /not "0": write 0 without quotes/],
    ['an axis far away', { method: 'minmax', axis: 9 }, /must be an axis from -8 to 7, .* or null, not 9/],
    ['too short a list', { method: 'minmax', feature_range: [1] }, /must have at least 2 items; it has 1\./],
    ['a fraction', { method: 'zscore', ddof: 0.5 }, /must be an integer, not 0\.5\./],
    ['a negative number', { method: 'zscore', ddof: -1 }, /must be at least 0, not -1\./],
    ['one of several types', { method: 'norm', order: 'max' }, /must be a number, "inf", "-inf" or "rms", not "max"/],
    ['a zero', { method: 'affine', rescale: 0 }, /^\/normalizer\/rescale: This must not be 0\.$/],
  ] as const) {
    test(what, async () => assert.match(await normalize(normalizer), message));
  }
  test('no sentence is one of the schema library', async () => {
    const bodies = [{}, { fitted: {} }, { fitted: { input: 1 } }, { fitted: 3, statistics: 'no', include: {} }];
    for (const body of bodies) {
      for (const path of ['/v1/normalize', '/v1/transform', '/v1/merge', '/v1/compare', '/v1/fits']) {
        const detail = await detailOf(path, { data, nonsense: 1, ...body });
        assert.doesNotMatch(detail, /Invalid|expected|received|Too (big|small)|Unrecognized|undefined/, detail);
      }
    }
  });
});

describe('The slice is named that a method cannot learn from', () => {
  const rows = [
    [1, 2, 7],
    [3, -4, 7],
    [5, 2, 7],
  ];
  for (const [what, normalizer, columns, message] of [
    ['Box-Cox of what is not positive', { method: 'power', power_method: 'box-cox' }, [0, 1], /^Slice 1: .* -4\./],
    ['Box-Cox of equal values', { method: 'power', power_method: 'box-cox' }, [0, 2], /^Slice 1: .*equal/],
    ['a ddof without values left', { method: 'zscore', ddof: 3 }, [0, 1], /^Slice 0: .*ddof = 3 .* are 3\./],
  ] as const) {
    test(what, async () => {
      const picked = rows.map((row) => columns.map((at) => row[at]));
      assert.match(await detailOf('/v1/normalize', { normalizer, data: picked }), message);
    });
  }
  test('there is none to name over the whole array', async () => {
    const normalizer = { method: 'zscore', ddof: 9, axis: null };
    assert.match(await detailOf('/v1/normalize', { normalizer, data: rows }), /^The variance/);
  });
});

describe('JSON that is none says what to write instead', () => {
  const json = (data: string) =>
    detailOf('/v1/normalize', `{"normalizer":{"method":"norm"},"data":[[1,${data}]]}`, {
      'content-type': 'application/json',
    });
  for (const [text, message] of [
    ['NaN', /JSON has no NaN: write null/],
    ['Infinity', /write "Infinity" or "-Infinity", in quotes/],
    ['-Infinity', /write "Infinity" or "-Infinity", in quotes/],
    ['None', /JSON writes null for None/],
    ['True', /true and false in small letters/],
    ["'a'", /double quotes/],
    ['2,', /nothing may stand between the last comma and the bracket/],
    ['2 3', /Expected ',' or '\]'/],
  ] as const) {
    test(text, async () => assert.match(await json(text), message));
  }
  test('a body that ends too early, and an empty one', async () => {
    const headers = { 'content-type': 'application/json' };
    assert.match(await detailOf('/v1/normalize', '{"data":[1,2', headers), /ends before/);
    assert.match(await detailOf('/v1/normalize', '', headers), /it is empty/);
  });
});

test('a table whose line ends curl took away says how to keep them', async () => {
  const lost = 'age,salary30,100040,3000';
  assert.match(
    await detailOf('/v1/normalize?method=minmax', lost, { 'content-type': 'text/csv' }),
    /4 columns and no rows.*--data-binary/,
  );
  const form = { 'content-type': 'application/x-www-form-urlencoded' };
  assert.match(await detailOf('/v1/normalize?method=minmax', lost, form), /curl sends this type.*--data-binary/);
});

test('binary data without the length of the JSON before them ask for its header', async () => {
  for (const size of [2, 2 ** 16]) {
    const input = { name: 'input', datatype: 'FP64', shape: [size / 2, 2], parameters: { binary_data_size: size * 8 } };
    const body = Buffer.concat([Buffer.from(JSON.stringify({ inputs: [input] })), Buffer.alloc(size * 8, 0xe5)]);
    const answer = await service.post('/v2/models/price-scaler/infer', body, {
      'content-type': 'application/octet-stream',
    });
    assert.equal(answer.status, 400);
    assert.match(answer.body.error, /Inference-Header-Content-Length/);
  }
});
