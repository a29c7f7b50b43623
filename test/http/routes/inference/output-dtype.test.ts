/** What dtype inference answers in, and answers of other models that come as requests. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../../../service.ts';
import { bytesOf } from '../../../formats/arrays.ts';
import { isProblem, binaryInput, infer, outputOf, storeModel, valuesOf } from './wire.ts';

let service: Service;
before(async () => {
  service = await startService();
  await storeModel(
    service,
    'pixels',
    { method: 'minmax', axis: null },
    { dtype: 'uint8', shape: [1, 3], data: [0, 51, 255] },
  );
});
after(() => service.close());

const pixels = [0, 51, 102];
const input = { name: 'input', shape: [1, 3], datatype: 'UINT8', data: pixels };

describe('The datatype of the output', () => {
  test('is FP32 for integers, as JSON, as bytes and in the metadata', async () => {
    const expected = pixels.map((pixel) => Math.fround(pixel / 255));
    const json = await infer(service, 'pixels', { inputs: [input] });
    assert.equal(outputOf(json).datatype, 'FP32');
    assert.deepEqual(valuesOf(json), expected);
    const [inBytes, bytes] = binaryInput('uint8', [1, 3], pixels);
    const request = { parameters: { binary_data_output: true }, inputs: [inBytes] };
    const binary = await infer(service, 'pixels', request, bytes);
    assert.equal(outputOf(binary).datatype, 'FP32');
    assert.deepEqual(valuesOf(binary), expected);
    const { body } = await service.send('GET', '/v2/models/pixels');
    assert.deepEqual([body.inputs[0].datatype, body.outputs[0].datatype], ['UINT8', 'FP32']);
  });

  for (const [asked, told] of [
    ['FP64', 'FP64'],
    ['float64', 'FP64'],
    ['FP32', 'FP32'],
    ['float32', 'FP32'],
    [null, 'FP32'],
  ]) {
    test(`is ${told} where output_dtype is ${asked}`, async () => {
      const request = { parameters: { output_dtype: asked }, inputs: [input] };
      assert.equal(outputOf(await infer(service, 'pixels', request)).datatype, told);
    });
  }

  test('is FP16 as bytes where output_dtype is FP16', async () => {
    const request = { parameters: { output_dtype: 'FP16', binary_data_output: true }, inputs: [input] };
    const reply = await infer(service, 'pixels', request);
    assert.equal(outputOf(reply).datatype, 'FP16');
    assert.deepEqual(
      valuesOf(reply),
      pixels.map((pixel) => Math.f16round(pixel / 255)),
    );
  });

  test('is refused where there is none of that name', async () => {
    const request = { parameters: { output_dtype: 'FP8' }, inputs: [input] };
    isProblem(
      await infer(service, 'pixels', request),
      400,
      'invalid_request',
      /no output_dtype "FP8"/,
      '/parameters/output_dtype',
    );
  });

  test('stays that of floats, and parameters that nobody knows are ignored', async () => {
    const request = {
      parameters: { priority: 3, timeout: { seconds: 4 } },
      inputs: [{ ...input, datatype: 'FP64', parameters: { content_type: 'np' } }],
      outputs: [{ name: 'output', parameters: { anything: true } }],
    };
    assert.equal(outputOf(await infer(service, 'pixels', request)).datatype, 'FP64');
  });
});

describe('The answer of another model is a request', () => {
  const other = { model_name: 'resize', model_version: '1', id: '7' };
  const output = { name: 'resized', shape: [1, 3], datatype: 'UINT8' };

  for (const [what, more] of [
    ['without inputs', {}],
    ['with inputs that are null, as pydantic writes them', { inputs: null, parameters: null }],
  ] as const) {
    test(what, async () => {
      const reply = await infer(service, 'pixels', { ...other, outputs: [{ ...output, data: pixels }], ...more });
      const plain = await infer(service, 'pixels', { id: '7', inputs: [input] });
      assert.equal(reply.status, 200, reply.body.toString());
      assert.deepEqual(reply.body, plain.body);
    });
  }

  test('with its tensor as bytes', async () => {
    const outputs = [{ ...output, parameters: { binary_data_size: 3 } }];
    const reply = await infer(service, 'pixels', { ...other, outputs }, bytesOf('uint8', pixels));
    assert.equal(reply.status, 200, reply.body.toString());
    assert.deepEqual(outputOf(reply).shape, [1, 3]);
  });

  test('with so many numbers that a worker reads them', async () => {
    const rows = 100_000;
    const data = Array.from({ length: rows * 3 }, (_, at) => at % 256);
    const reply = await infer(service, 'pixels', { ...other, outputs: [{ ...output, shape: [rows, 3], data }] });
    assert.equal(reply.status, 200, reply.body.toString('utf8', 0, 200));
    assert.deepEqual(outputOf(reply).shape, [rows, 3]);
  });

  test('and what asks for an output alone has no input still', async () => {
    isProblem(
      await infer(service, 'pixels', { outputs: [{ name: 'output' }] }),
      400,
      'invalid_request',
      /"inputs" is missing/,
      '/inputs',
    );
  });
});
