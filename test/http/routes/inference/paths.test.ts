/** The paths of the Open Inference Protocol, each with and without a version, and what is at none of them. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../../../service.ts';
import { exchange, jsonOf, type Reply } from '../../exchange.ts';
import { infer, outputOf, storeModel, valuesOf } from './wire.ts';

let service: Service;
before(async () => {
  service = await startService();
  await storeModel(service, 'pixels', { method: 'maxabs' }, { dtype: 'float32', shape: [2, 2], data: [3, 5, 6, 10] });
  await storeModel(service, 'pixels', { method: 'maxabs' }, { dtype: 'uint8', shape: [1, 3], data: [1, 2, 4] });
  await storeModel(
    service,
    'images',
    { method: 'zscore', axis: [0, 1, 2] },
    { dtype: 'float16', shape: [1, 2, 1, 3], data: [0, 1, 2, 3, 4, 5] },
  );
});
after(() => service.close());

const get = (path: string) => exchange({ url: service.url + path, method: 'GET' });
const post = (path: string, body = '') => exchange({ url: service.url + path, pieces: [Buffer.from(body)] });

async function bodyOf(path: string): Promise<any> {
  const reply = await get(path);
  assert.equal(reply.status, 200, `${path}: ${reply.body}`);
  return jsonOf(reply);
}

test('health has both keys that clients read', async () => {
  assert.deepEqual(await bodyOf('/v2/health/live'), { live: true, ready: true });
  assert.deepEqual(await bodyOf('/v2/health/ready'), { live: true, ready: true });
});

test('the server tells its name, version and extensions, with a slash at the end and without', async () => {
  const expected = {
    name: 'norma',
    version: '0.0.0',
    extensions: ['binary_tensor_data', 'model_configuration', 'model_repository'],
  };
  assert.deepEqual(await bodyOf('/v2'), expected);
  assert.deepEqual(await bodyOf('/v2/'), expected);
});

describe('a model', () => {
  test('tells what was fitted: -1 where a dimension varies, floats as they are, integers in and FP32 out', async () => {
    const tensor = (name: string, datatype: string, shape: number[]) => ({ name, datatype, shape });
    assert.deepEqual(await bodyOf('/v2/models/pixels'), {
      name: 'pixels',
      versions: ['1', '2'],
      platform: 'norma',
      inputs: [tensor('input', 'UINT8', [-1, 3])],
      outputs: [tensor('output', 'FP32', [-1, 3])],
    });
    const first = await bodyOf('/v2/models/pixels/versions/1');
    assert.deepEqual(first.inputs, [tensor('input', 'FP32', [-1, 2])]);
    assert.deepEqual(first.outputs, [tensor('output', 'FP32', [-1, 2])]);
    assert.deepEqual((await bodyOf('/v2/models/images')).inputs, [tensor('input', 'FP16', [-1, -1, -1, 3])]);
  });

  test('has a configuration as Triton writes it', async () => {
    const config = await bodyOf('/v2/models/pixels/versions/1/config');
    assert.deepEqual(config, {
      name: 'pixels',
      platform: 'norma',
      backend: 'norma',
      max_batch_size: 0,
      version_policy: { specific: { versions: [1] } },
      input: [{ name: 'input', data_type: 'TYPE_FP32', dims: [-1, 2] }],
      output: [{ name: 'output', data_type: 'TYPE_FP32', dims: [-1, 2] }],
    });
    assert.deepEqual((await bodyOf('/v2/models/pixels/config')).version_policy, { specific: { versions: [2] } });
  });

  test('is ready at each of its versions', async () => {
    for (const path of ['pixels', 'pixels/versions/1', 'pixels/versions/2'])
      assert.deepEqual(await bodyOf(`/v2/models/${path}/ready`), { name: 'pixels', ready: true });
  });

  test('infers by its newest version unless one is named', async () => {
    const request = (data: number[]) => ({
      inputs: [{ name: 'input', shape: [1, data.length], datatype: 'FP64', data }],
    });
    const newest = await infer(service, 'pixels', request([1, 1, 1]));
    assert.deepEqual([outputOf(newest).json.model_version, valuesOf(newest)], ['2', [1, 0.5, 0.25]]);
    const first = await infer(service, 'pixels/versions/1', request([3, 3]));
    assert.deepEqual([outputOf(first).json.model_version, valuesOf(first)], ['1', [0.5, 0.3]]);
  });
});

describe('the repository', () => {
  const ready = (name: string, version: string) => ({ name, version, state: 'READY', reason: '' });

  test('lists every version, whether or not it is asked for what is ready', async () => {
    const index = [ready('images', '1'), ready('pixels', '1'), ready('pixels', '2')];
    for (const body of ['', '{}', '{"ready":true}', '{"ready":false}'])
      assert.deepEqual(jsonOf(await post('/v2/repository/index', body)), index);
    assert.equal((await post('/v2/repository/index', '{"ready":1}')).status, 400);
    assert.equal((await post('/v2/repository/index', 'ready')).status, 400);
  });

  test('loads and unloads what is stored, and refuses what is not', async () => {
    for (const action of ['load', 'unload']) {
      assert.equal((await post(`/v2/repository/models/pixels/${action}`)).status, 200);
      const none = await post(`/v2/repository/models/none/${action}`);
      assert.equal(none.status, 400);
      assert.match(jsonOf(none).error, /no model "none"/);
    }
    const other = await post('/v2/repository/models/pixels/load', '{"parameters":{"config":"{}"}}');
    assert.equal(other.status, 501);
  });
});

describe('an error with a string `error` is at', () => {
  function tells(reply: Reply, status: number, error: RegExp): void {
    assert.equal(reply.status, status, reply.body.toString());
    assert.match(jsonOf(reply).error, error);
    assert.equal(jsonOf(reply).status, status);
  }

  test('a model or a version that there is not: 404, before the body is read', async () => {
    for (const rest of ['', '/ready', '/config']) {
      tells(await get(`/v2/models/none${rest}`), 404, /"none"/);
      for (const version of ['3', '0', 'newest', '01', '99999999999999999999', '1.0'])
        tells(await get(`/v2/models/pixels/versions/${version}${rest}`), 404, /version/);
    }
    tells(await post('/v2/models/none/infer', 'no JSON'), 404, /"none"/);
    tells(await post('/v2/models/__proto__/infer'), 404, /__proto__/);
    tells(await post('/v2/models/%00/infer'), 404, /^There is no normalizer/);
  });

  test('a path that there is not: 404', async () => {
    for (const path of ['/v2/nothing', '/v2/models', '/v2/models/', '/v2/models/pixels/versions/1/nothing'])
      tells(await get(path), 404, /no/);
  });

  test('a method that a path does not have: 405 with Allow', async () => {
    const reply = await get('/v2/models/pixels/infer');
    tells(reply, 405, /allowed: POST/);
    assert.equal(reply.headers.allow, 'POST');
    tells(await post('/v2/models/pixels'), 405, /allowed: GET, HEAD/);
    tells(await exchange({ url: `${service.url}/v2/repository/index`, method: 'DELETE' }), 405, /allowed: POST/);
  });

  test('an extension that is not served: 501', async () => {
    for (const path of ['models/pixels/stats', 'trace/setting', 'logging', 'systemsharedmemory/status'])
      tells(await get(`/v2/${path}`), 501, /not supported/);
    tells(await post('/v2/models/pixels/generate', '{}'), 501, /not supported/);
    tells(await post('/v2/cudasharedmemory/region/a/register', '{}'), 501, /not supported/);
  });

  test('an address that cannot be read: 400', async () => {
    tells(await get('/v2/models/%E0%A4%A'), 400, /./);
  });
});
