/** The requests of the protocol's clients, byte by byte as their sources write them, and what they read of the answers. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { deflateSync, gzipSync } from 'node:zlib';
import { type Service, startService } from '../../../service.ts';
import { bytesOf } from '../../../formats/arrays.ts';
import { jsonOf, type Reply } from '../../exchange.ts';
import { outputOf, sendBytes, storeModel, valuesOf } from './wire.ts';

let service: Service;
let host: string;
before(async () => {
  service = await startService();
  ({ host } = new URL(service.url));
  const data = { dtype: 'float32', shape: [2, 2], data: [3, 5, 6, 10] };
  await storeModel(service, 'pixels', { method: 'minmax' }, data);
});
after(() => service.close());

const tensor = bytesOf('float32', [3, 5, 6, 10, 9, 7.5]);
const expected = [0, 0, 1, 1, 2, 0.5];

function isExpected(reply: Reply): void {
  assert.deepEqual(valuesOf(reply), expected);
  assert.deepEqual([outputOf(reply).shape, outputOf(reply).datatype], [[3, 2], 'FP32']);
}

/** A request's lines with what a client puts around its own headers, and the length of its body. */
type Head = (method: string, path: string, own: Record<string, string | number>, length?: number) => string[];

function lines(method: string, path: string, headers: Record<string, string | number>): string[] {
  return [`${method} ${path} HTTP/1.1`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
}

/** geventhttpclient under tritonclient.http: no Content-Type, and no Content-Length where there is no body. */
const gevent: Head = (method, path, own, length = 0) =>
  lines(method, path, {
    'User-Agent': 'python/gevent-http-client-2.0.2',
    ...own,
    Host: host,
    ...(length > 0 ? { 'Content-Length': length } : {}),
  });

/** aiohttp under tritonclient.http.aio: a media type even where there is no body, and codings that nobody asked for. */
const aiohttp: Head = (method, path, own, length) =>
  lines(method, path, {
    Host: host,
    ...own,
    Accept: '*/*',
    ...(own['Accept-Encoding'] ? {} : { 'Accept-Encoding': 'gzip, deflate' }),
    'User-Agent': 'Python/3.11 aiohttp/3.9.5',
    ...(length === undefined ? {} : { 'Content-Length': length }),
    ...(length === undefined || own['content-type'] ? {} : { 'Content-Type': 'application/octet-stream' }),
  });

/** httpx under kserve's InferenceRESTClient. */
const httpx: Head = (method, path, own, length) =>
  lines(method, path, {
    Host: host,
    Accept: '*/*',
    'Accept-Encoding': 'gzip, deflate',
    Connection: 'keep-alive',
    'User-Agent': 'python-httpx/0.27.2',
    ...own,
    ...(length === undefined ? {} : { 'Content-Length': length }),
  });

// python-rapidjson writes no blanks.
const binary =
  '{"id":"1","inputs":[{"name":"INPUT0","shape":[3,2],"datatype":"FP32","parameters":{"binary_data_size":24}}],"parameters":{"binary_data_output":true}}';
const json =
  '{"inputs":[{"name":"INPUT0","shape":[3,2],"datatype":"FP32","data":[3.0,5.0,6.0,10.0,9.0,7.5]}],"outputs":[{"name":"output","parameters":{"binary_data":false}}]}';

for (const [client, head] of [
  ['tritonclient.http', gevent],
  ['tritonclient.http.aio', aiohttp],
] as const) {
  describe(client, () => {
    test('infers with binary tensors, the way it does unless told otherwise', async () => {
      const body = Buffer.concat([Buffer.from(binary), tensor]);
      const own = { 'Inference-Header-Content-Length': binary.length };
      const reply = await sendBytes(service, head('POST', '/v2/models/pixels/infer', own, body.length), body);
      isExpected(reply);
      const { model_name, model_version, id } = outputOf(reply).json;
      assert.deepEqual([model_name, model_version, id], ['pixels', '1', '1']);
      assert.equal(reply.headers['content-type'], 'application/octet-stream');
    });

    test('infers with JSON both ways', async () => {
      const body = Buffer.from(json);
      const path = '/v2/models/pixels/versions/1/infer';
      const reply = await sendBytes(service, head('POST', path, {}, body.length), body);
      isExpected(reply);
      assert.equal(reply.headers['content-type'], 'application/json');
      assert.equal(reply.headers['inference-header-content-length'], undefined);
      assert.equal('id' in outputOf(reply).json, false);
    });

    for (const [coding, compress] of [
      ['gzip', gzipSync],
      ['deflate', deflateSync],
    ] as const) {
      test(`compresses its request and has its answer compressed by ${coding}`, async () => {
        const body = compress(Buffer.concat([Buffer.from(binary), tensor]));
        const own = {
          'Content-Encoding': coding,
          'Accept-Encoding': coding,
          'Inference-Header-Content-Length': binary.length,
        };
        const reply = await sendBytes(service, head('POST', '/v2/models/pixels/infer', own, body.length), body);
        assert.equal(reply.headers['content-encoding'], coding);
        isExpected(reply);
      });
    }

    test('asks for metadata, configuration, index and health, whose answers it takes as they come', async () => {
      for (const path of [
        '/v2',
        '/v2/health/live',
        '/v2/health/ready',
        '/v2/models/pixels',
        '/v2/models/pixels/config',
        '/v2/models/pixels/versions/1/ready',
      ]) {
        const reply = await sendBytes(service, head('GET', path, {}), Buffer.alloc(0));
        assert.equal(reply.status, 200, path);
        assert.equal(reply.headers['content-encoding'], undefined, path);
        assert.ok(jsonOf(reply), path);
      }
      const index = await sendBytes(service, head('POST', '/v2/repository/index', {}, 0), Buffer.alloc(0));
      assert.deepEqual(jsonOf(index), [{ name: 'pixels', version: '1', state: 'READY', reason: '' }]);
      const unload = Buffer.from('{"parameters":{"unload_dependents":false}}');
      for (const [action, body] of [
        ['load', Buffer.from('{}')],
        ['unload', unload],
      ] as const) {
        const path = `/v2/repository/models/pixels/${action}`;
        assert.equal((await sendBytes(service, head('POST', path, {}, body.length), body)).status, 200);
      }
    });

    test('reads an error as it comes: JSON with a string `error`, never compressed', async () => {
      const bad = Buffer.from(json.replace('[3,2]', '[2,3]'));
      for (const [path, body, status] of [
        ['/v2/models/pixels/infer', bad, 400],
        ['/v2/models/none/infer', Buffer.from(json), 404],
        ['/v2/models/pixels/stats', undefined, 501],
      ] as const) {
        const method = body ? 'POST' : 'GET';
        const reply = await sendBytes(service, head(method, path, {}, body?.length), body ?? Buffer.alloc(0));
        assert.equal(reply.status, status, path);
        assert.equal(reply.headers['content-encoding'], undefined);
        assert.equal(typeof jsonOf(reply).error, 'string');
      }
    });
  });
}

describe('MLServer', () => {
  test('`mlserver infer` says application/json even of binary tensors', async () => {
    const request = binary.replace(
      '"parameters":{"binary_data_output":true}',
      '"outputs":[{"name":"output","parameters":{"binary_data":true}}]',
    );
    const body = Buffer.concat([Buffer.from(request), tensor]);
    const own = {
      'content-type': 'application/json',
      'seldon-puid': '1',
      'x-request-id': '1',
      'Inference-Header-Content-Length': request.length,
    };
    isExpected(await sendBytes(service, aiohttp('POST', '/v2/models/pixels/infer', own, body.length), body));
  });

  test('a payload made with its types has a null for everything that was not given', async () => {
    // requests.post(url, json=InferenceRequest(inputs=[NumpyCodec.encode_input("x", array)]).dict())
    const body = Buffer.from(
      '{"id": null, "parameters": null, "inputs": [{"name": "x", "shape": [3, 2], "datatype": "FP64", "parameters": {"content_type": "np", "headers": null}, "data": [3.0, 5.0, 6.0, 10.0, 9.0, 7.5]}], "outputs": null}',
    );
    const reply = await sendBytes(
      service,
      lines('POST', '/v2/models/pixels/infer', {
        Host: host,
        'User-Agent': 'python-requests/2.28.1',
        'Accept-Encoding': 'gzip, deflate',
        Accept: '*/*',
        Connection: 'keep-alive',
        'Content-Length': body.length,
        'Content-Type': 'application/json',
      }),
      body,
    );
    assert.deepEqual(valuesOf(reply), expected);
    assert.equal(outputOf(reply).datatype, 'FP64');
    assert.equal('id' in outputOf(reply).json, false);
  });
});

describe('kserve', () => {
  const id = '5d1ab2d8-2b1b-4a3c-9fd3-2c1d0e9b7c11';

  test('names the model in the body, and sends JSON without a media type', async () => {
    const body = Buffer.from(
      `{"id":"${id}","model_name":"pixels","inputs":[{"name":"x","shape":[3,2],"datatype":"FP32","data":[3.0,5.0,6.0,10.0,9.0,7.5]}]}`,
    );
    const reply = await sendBytes(service, httpx('POST', '/v2/models/pixels/infer', {}, body.length), body);
    isExpected(reply);
    assert.equal(outputOf(reply).json.id, id);
  });

  test('sends binary tensors with a header in small letters', async () => {
    const request = `{"id":"${id}","model_name":"pixels","inputs":[{"name":"x","shape":[3,2],"datatype":"FP32","parameters":{"binary_data_size":24}}],"parameters":{"binary_data_output":true}}`;
    const body = Buffer.concat([Buffer.from(request), tensor]);
    const own = {
      'inference-header-content-length': request.length,
      'content-type': 'application/octet-stream',
    };
    isExpected(await sendBytes(service, httpx('POST', '/v2/models/pixels/infer', own, body.length), body));
  });

  test('sends an empty tensor as a size of 0 with data that are null, and without the header', async () => {
    const body = Buffer.from(
      `{"id":"${id}","model_name":"pixels","inputs":[{"name":"x","shape":[0,2],"datatype":"FP32","parameters":{"binary_data_size":0},"data":null}]}`,
    );
    const reply = await sendBytes(service, httpx('POST', '/v2/models/pixels/infer', {}, body.length), body);
    assert.deepEqual([outputOf(reply).shape, valuesOf(reply)], [[0, 2], []]);
  });

  test('reads `live` of the one health call and `ready` of the other', async () => {
    for (const [path, key] of [
      ['/v2/health/live', 'live'],
      ['/v2/health/ready', 'ready'],
      ['/v2/models/pixels/ready', 'ready'],
    ] as const) {
      assert.equal(jsonOf(await sendBytes(service, httpx('GET', path, {}), Buffer.alloc(0)))[key], true);
    }
  });
});
