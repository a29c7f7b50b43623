/** Stored normalizers go out as ONNX models and as scikit-learn's estimators, and come in from other libraries. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { numbersOf, runOnnx, tensorOf } from '../../interop/run-onnx.ts';
import { type Service, startService } from '../../service.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const data = [
  [1, 20],
  [2, 50],
  [6, 80],
];

async function store(name: string, body: object): Promise<any> {
  const answer = await service.post(`/v1/normalizers/${name}/versions`, body);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body.fitted;
}

const get = (path: string) => service.send('GET', path);

test('a model is the transform of the version, of the newest one without a number', async () => {
  await store('onnx', { normalizer: { method: 'minmax' }, data });
  await store('onnx', { normalizer: { method: 'zscore' }, data, breaking: true });
  const batch = tensorOf('float64', [1, 2], [3, 40]);
  for (const path of ['/v1/normalizers/onnx', '/v1/normalizers/onnx/versions/1']) {
    const { status, headers, body } = await get(`${path}/export?format=onnx`);
    assert.equal(status, 200);
    assert.equal(headers.get('content-type'), 'application/octet-stream');
    const version = path.endsWith('1') ? 1 : 2;
    assert.equal(headers.get('content-disposition'), `attachment; filename="onnx-${version}.onnx"`);
    assert.equal(headers.get('content-location'), `/v1/normalizers/onnx/versions/${version}/export?format=onnx`);
    const here = await service.post(`${path}/transform`, { data: [[3, 40]] });
    const there = numbersOf(await runOnnx(body, batch));
    here.body.data[0].forEach((value: number, at: number) => assert.ok(Math.abs(value - there[at]) < 1e-15));
  }
});

test('a model of the inverse, and of other dtypes', async () => {
  await store('dtypes', {
    normalizer: { method: 'minmax' },
    data: { dtype: 'uint8', shape: [3, 1], data: [0, 51, 255] },
  });
  const forth = await get('/v1/normalizers/dtypes/export?format=onnx&output_dtype=float32');
  assert.deepEqual(
    await runOnnx(forth.body, tensorOf('uint8', [2, 1], [51, 102])),
    tensorOf('float32', [2, 1], [0.2, 0.4]),
  );
  const asked = 'format=onnx&operation=inverse_transform&input_dtype=float32';
  const back = await get(`/v1/normalizers/dtypes/versions/1/export?${asked}`);
  assert.match(back.headers.get('content-disposition') ?? '', /"dtypes-1-inverse\.onnx"/);
  assert.deepEqual(await runOnnx(back.body, tensorOf('float32', [1, 1], [0.5])), tensorOf('float32', [1, 1], [127.5]));
});

test("an estimator is scikit-learn's attributes, and comes back as it is or as a member", async () => {
  const fitted = await store('estimator', { normalizer: { method: 'zscore', nan_policy: 'omit' }, data });
  const { status, headers, body } = await get('/v1/normalizers/estimator/export?format=sklearn');
  assert.equal(status, 200);
  assert.match(headers.get('content-type') ?? '', /^application\/json/);
  assert.deepEqual(
    [body.class, body.params, body.attributes],
    [
      'StandardScaler',
      { with_mean: true, with_std: true },
      {
        mean_: fitted.parameters.mean,
        var_: fitted.parameters.var,
        scale_: fitted.parameters.scale,
        n_features_in_: 2,
        n_samples_seen_: 3,
      },
    ],
  );
  assert.match(body.snippet, /^import numpy as np\nfrom sklearn\.preprocessing import StandardScaler\n/);
  const { state: _, profile: __, ...plain } = fitted;
  for (const request of [body, { sklearn: body }]) {
    assert.deepEqual(await store('again', request), { ...plain, mergeable: false });
  }
  const { body: transformed } = await service.post('/v1/normalizers/again/transform', { data });
  const { body: expected } = await service.post('/v1/transform', { fitted, data });
  assert.deepEqual(transformed.data, expected.data);
});

test("keras' and torchvision's constants are served", async () => {
  await store('layer', { keras: { mean: [1, 2], variance: [4, 0], axis: -1 } });
  const layer = await service.post('/v1/normalizers/layer/transform', { data: [[5, 2]] });
  assert.deepEqual(layer.body.data, [[2, 0]]);
  await store('images', { torchvision: { mean: [0.5, 0.25], std: [0.5, 0.25] } });
  const image = [[[[1, 0]], [[1, 0]]]];
  const images = await service.post('/v1/normalizers/images/transform', { data: image });
  assert.deepEqual(images.body.data, [[[[1, -1]], [[3, -1]]]]);
  const model = await get('/v1/normalizers/images/export?format=onnx');
  assert.deepEqual(
    await runOnnx(model.body, tensorOf('float32', [1, 2, 1, 2], [1, 0, 1, 0])),
    tensorOf('float32', [1, 2, 1, 2], [1, -1, 3, -1]),
  );
});

test('what is imported does not merge', async () => {
  const fitted = await store('alone', { keras: { mean: [1], variance: [4] } });
  const { status, body } = await service.post('/v1/merge', { fitted: [fitted, fitted] });
  assert.deepEqual([status, body.code], [422, 'not_mergeable']);
});

test('a wrong question is told', async () => {
  await store('asked', { normalizer: { method: 'quantile', output_distribution: 'normal' }, data });
  await store('rows', { normalizer: { method: 'minmax', axis: 1 }, data });
  const refused: [string, number, string, string | undefined][] = [
    ['asked/export', 400, 'invalid_request', '/format'],
    ['asked/export?format=pmml', 400, 'invalid_request', '/format'],
    ['asked/export?format=onnx&format=sklearn', 400, 'invalid_request', '/format'],
    ['asked/export?format=onnx&operation=fit', 400, 'invalid_request', '/operation'],
    ['asked/export?format=onnx&opset=9', 400, 'invalid_request', '/opset'],
    ['asked/export?format=onnx&output_dtype=int8', 400, 'invalid_request', '/output_dtype'],
    ['asked/export?format=sklearn&operation=transform', 400, 'invalid_request', '/operation'],
    ['asked/export?format=onnx', 422, 'not_exportable', undefined],
    ['rows/export?format=onnx', 422, 'not_exportable', '/normalizer/axis'],
    ['rows/export?format=sklearn', 422, 'not_exportable', '/normalizer/axis'],
    ['nobody/export?format=onnx', 404, 'not_found', undefined],
    ['asked/versions/9/export?format=onnx', 404, 'not_found', undefined],
  ];
  for (const [path, status, code, pointer] of refused) {
    const answer = await get(`/v1/normalizers/${path}`);
    assert.deepEqual(
      [answer.status, answer.body.code, answer.body.errors?.[0]?.pointer],
      [status, code, pointer],
      path,
    );
  }
});

test('of what is fitted and what is to be fitted, a request brings one', async () => {
  const keras = { mean: [1], variance: [4] };
  const sklearn = { class: 'StandardScaler', attributes: { mean_: [1], var_: [4], scale_: [2] } };
  const refused: [object, string][] = [
    [{}, ''],
    [{ normalizer: { method: 'zscore' } }, '/data'],
    [{ keras, data }, '/keras'],
    [{ keras, normalizer: { method: 'zscore' }, data }, '/keras'],
    [{ keras, normalizer: { method: 'zscore' } }, '/normalizer'],
    [{ keras, sklearn }, '/keras'],
    [{ keras: { ...keras, epsilon: 1 } }, '/keras/epsilon'],
    [{ keras: { mean: [1] } }, '/keras/variance'],
    [{ keras: { ...keras, invert: true } }, '/keras/invert'],
    [{ torchvision: { mean: [1] } }, '/torchvision/std'],
    [{ sklearn: { ...sklearn, class: 'Binarizer' } }, '/sklearn/class'],
    [{ sklearn: { class: 'StandardScaler' } }, '/sklearn/attributes/mean_'],
    [{ ...sklearn, attributes: { ...sklearn.attributes, mean_: ['x'] } }, '/attributes/mean_/0'],
    [{ ...sklearn, class: 'constructor' }, '/class'],
    [{ ...sklearn, more: 1 }, '/more'],
  ];
  for (const [request, pointer] of refused) {
    const { status, body } = await service.post('/v1/normalizers/refused/versions', request);
    assert.deepEqual([status, body.errors?.[0]?.pointer], [400, pointer], JSON.stringify([request, body]));
  }
});
