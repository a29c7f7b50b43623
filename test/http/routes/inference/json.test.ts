/** JSON of the Open Inference Protocol: what numpy's users send, and what strict JSON lacks. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../../../service.ts';
import { exchange, jsonOf } from '../../exchange.ts';
import { binaryInput, infer, outputOf, storeModel, valuesOf } from './wire.ts';

let service: Service;
before(async () => {
  service = await startService();
  const through = { method: 'affine', nan_policy: 'propagate' };
  await storeModel(service, 'through', through, { dtype: 'float32', shape: [1, 4], data: [0, 0, 0, 0] });
});
after(() => service.close());

const input = { name: 'x', shape: [1, 4], datatype: 'FP32' };
const values = [NaN, Infinity, -Infinity, 1.5];

function request(data: string, rest = ''): string {
  return `{"inputs":[{"name":"x","shape":[1,4],"datatype":"FP32","data":${data}}]${rest}}`;
}

describe('a request', () => {
  test('holds bare NaN and Infinity, as Python writes them, null, and their names', async () => {
    for (const data of [
      '[NaN, Infinity, -Infinity, 1.5]',
      '[[null,Infinity,"-Infinity",1.5]]',
      '["NaN","Infinity",-Infinity,15e-1]',
    ]) {
      const reply = await infer(service, 'through', request(data, ',"parameters":{"binary_data_output":true}'));
      assert.deepEqual(valuesOf(reply), values, data);
    }
  });

  test('may have such words in its strings', async () => {
    const id = '[NaN, "-Infinity", \\NaN]';
    const reply = await infer(service, 'through', request('[NaN,1,2,3]', `,"id":${JSON.stringify(id)}`));
    assert.equal(outputOf(reply).json.id, id);
    assert.deepEqual(valuesOf(reply), [NaN, 1, 2, 3]);
  });

  test('is larger than what is parsed where it arrives, and gives the same', async () => {
    const length = 60_000;
    const data = Array.from({ length }, (_, at) => (at % 1000 === 0 ? 'NaN' : String(at / 7)));
    const shape = [length / 4, 4];
    const text = request(`[${data}]`).replace('[1,4]', JSON.stringify(shape));
    assert.ok(text.length > 2 ** 19);
    const reply = await infer(service, 'through', text);
    assert.deepEqual(outputOf(reply).shape, shape);
    assert.deepEqual(
      valuesOf(reply),
      data.map((cell) => Math.fround(Number(cell))),
    );
  });

  test("names clients' own members, which are passed over", async () => {
    const parameters = { sequence_id: 3, priority: 1, timeout: 1000, headers: null };
    const own = { ...input, data: [1, 2, 3, 4], parameters: { content_type: 'np' }, extra: {} };
    const reply = await infer(service, 'through', { model_name: 'other', parameters, inputs: [own] });
    assert.deepEqual(valuesOf(reply), [1, 2, 3, 4]);
  });
});

describe('an answer', () => {
  test('in JSON is strict: NaN is null', async () => {
    const reply = await infer(service, 'through', request('[NaN,-0.0,0.1,3]'));
    assert.match(reply.body.toString(), /"data":\[null,-0,0\.1,3\]\}\]\}$/);
  });

  test('in JSON with an infinity is an error that says to ask for binary output', async () => {
    for (const [data, detail] of [
      ['[1,2,Infinity,NaN]', /at \[0, 2\] is Infinity, .* ask for binary output/],
      ['[1,2,3,-Infinity]', /at \[0, 3\] is -Infinity, .* ask for binary output/],
    ] as const) {
      const reply = await infer(service, 'through', request(data));
      assert.equal(reply.status, 422);
      assert.match(jsonOf(reply).error, detail);
    }
  });

  test('comes as the output asks for it, whatever the request does', async () => {
    for (const [all, one, expected] of [
      [undefined, undefined, false],
      [true, undefined, true],
      [true, false, false],
      [false, true, true],
      [undefined, true, true],
    ] as const) {
      const reply = await infer(service, 'through', {
        inputs: [{ ...input, data: [1, 2, 3, 4] }],
        parameters: { binary_data_output: all },
        outputs: [{ name: 'output', parameters: { binary_data: one } }],
      });
      assert.equal(reply.headers['inference-header-content-length'] !== undefined, expected);
      assert.deepEqual(valuesOf(reply), [1, 2, 3, 4]);
    }
  });

  test('mixes bytes in with JSON out', async () => {
    const [tensor, bytes] = binaryInput('float32', [1, 4], [1, 2, 3, 4]);
    const reply = await infer(service, 'through', { inputs: [tensor], outputs: [] }, bytes);
    assert.equal(reply.headers['content-type'], 'application/json');
    assert.deepEqual(valuesOf(reply), [1, 2, 3, 4]);
  });

  test('goes in gzip or deflate, and in no other coding', async () => {
    for (const [accepted, expected] of [
      ['br, gzip;q=0.5', 'gzip'],
      ['zstd, deflate', 'deflate'],
      ['br', undefined],
      ['zstd, br', undefined],
      ['gzip;q=0', undefined],
      ['identity', undefined],
    ] as const) {
      for (const binary of [true, false]) {
        const reply = await infer(
          service,
          'through',
          { inputs: [{ ...input, data: [1, 2, 3, 4] }], parameters: { binary_data_output: binary } },
          undefined,
          { 'accept-encoding': accepted },
        );
        assert.equal(reply.headers['content-encoding'], expected, accepted);
        assert.match(reply.headers.vary ?? '', /accept-encoding/);
        assert.deepEqual(valuesOf(reply), [1, 2, 3, 4]);
      }
    }
  });

  test("that is not inference's goes in no coding at all", async () => {
    for (const path of ['/v2', '/v2/models/through', '/v2/models/through/config', '/v2/models/none']) {
      const headers = { 'accept-encoding': 'gzip, deflate, br, zstd' };
      const reply = await exchange({ url: service.url + path, method: 'GET', headers });
      assert.equal(reply.headers['content-encoding'], undefined, path);
      assert.ok(jsonOf(reply));
    }
  });
});
