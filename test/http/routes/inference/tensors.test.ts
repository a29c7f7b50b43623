/** Tensors of the Open Inference Protocol: each datatype in each form, to the bits that /v1/transform gives. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Service, startService } from '../../../service.ts';
import { bytesOf, countOf, type Dtype, dtypes, elementsOf, npyFile, readNpy } from '../../../formats/arrays.ts';
import { binaryInput, datatypes, infer, outputOf, storeModel, valuesOf } from './wire.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const numbers: Record<Dtype, fc.Arbitrary<number>> = {
  bool: fc.integer({ min: 0, max: 1 }),
  uint8: fc.nat(255),
  int8: fc.integer({ min: -128, max: 127 }),
  uint16: fc.nat(65535),
  int16: fc.integer({ min: -32768, max: 32767 }),
  uint32: fc.nat(2 ** 31 - 1),
  int32: fc.integer(),
  uint64: fc.maxSafeNat(),
  int64: fc.maxSafeInteger(),
  float16: fc.double({ min: -200, max: 200, noNaN: true }).map(Math.f16round),
  float32: fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 90), max: 2 ** 90 }),
  float64: fc.double({ noNaN: true, min: -1e90, max: 1e90 }),
};

/** A list in lists of a shape. */
function nested(values: readonly unknown[], shape: readonly number[]): unknown {
  if (shape.length < 2) return values;
  const stride = countOf(shape.slice(1));
  return Array.from({ length: shape[0] }, (_, at) =>
    nested(values.slice(at * stride, (at + 1) * stride), shape.slice(1)),
  );
}

const requests = fc
  .record({
    dtype: fc.constantFrom(...dtypes),
    // The document of more slices does not fit into a query.
    shape: fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 4 }),
    operation: fc.constantFrom('transform', 'inverse_transform'),
  })
  .chain(({ dtype, shape, operation }) => {
    const length = countOf(shape);
    const elements = fc.array(
      numbers[dtype].map((number) => number || 0),
      { minLength: length, maxLength: length },
    );
    return fc.record({
      dtype: fc.constant(dtype),
      shape: fc.constant(shape),
      operation: fc.constant(operation),
      elements,
    });
  });

test('every datatype and shape, as JSON and as bytes, gives the bits of /v1/transform', async () => {
  await fc.assert(
    fc.asyncProperty(requests, async ({ dtype, shape, operation, elements }) => {
      const data = Array.from({ length: countOf(shape) }, (_, at) => at % 7);
      const fitted = await storeModel(service, 'any', { method: 'zscore' }, { dtype: 'float64', shape, data });
      // The same by the other protocol: npz holds the array as bytes, and the document comes along in the query.
      const call = operation === 'transform' ? 'transform' : 'inverse-transform';
      const isFloat = dtype.startsWith('float');
      const query = new URLSearchParams({
        fitted: JSON.stringify({ ...fitted, state: undefined }),
        output_dtype: isFloat ? dtype : 'float32',
      });
      const other = await service.post(`/v1/${call}?${query}`, npyFile(dtype, shape, elements), {
        'content-type': 'application/x-npy',
        accept: 'application/x-npy',
      });
      const expected = readNpy(other.body);

      const [input, bytes] = binaryInput(dtype, shape, elements);
      const isHalf = dtype === 'float16';
      const cells = dtype === 'bool' ? elements.map((element) => element === 1) : elements;
      const inJson = { name: 'input', shape, datatype: datatypes[dtype] };
      const ways: [object, Buffer?][] = [[input, bytes]];
      if (!isHalf) ways.push([{ ...inJson, data: cells }], [{ ...inJson, data: nested(cells, shape) }]);
      for (const [tensor, following] of ways) {
        for (const binary of isHalf ? [true] : [true, false]) {
          const parameters = { operation, binary_data_output: binary };
          const output = outputOf(await infer(service, 'any', { inputs: [tensor], parameters }, following));
          assert.deepEqual([output.datatype, output.shape], [datatypes[expected.dtype], shape]);
          assert.deepEqual(output.bytes, expected.data);
        }
      }
    }),
    { numRuns: 60 },
  );
});

describe('bfloat16', () => {
  test('is the upper half of a float32, and comes out as FP32 where that is asked for', async () => {
    await storeModel(
      service,
      'twice',
      { method: 'affine', rescale: 2 },
      { dtype: 'float32', shape: [1, 2], data: [0, 0] },
    );
    const values = [1, -2.5, 3.140625, 1e38, -0.0078125, 0];
    const halves = Buffer.concat(values.map((value) => bytesOf('float32', [value]).subarray(2)));
    const [rounded] = [
      elementsOf(
        'float32',
        Buffer.concat(values.map((_, at) => Buffer.from([0, 0, halves[2 * at], halves[2 * at + 1]]))),
      ),
    ];
    const request = {
      inputs: [{ name: 'x', shape: [3, 2], datatype: 'BF16', parameters: { binary_data_size: 12 } }],
      parameters: { binary_data_output: true, output_dtype: 'FP32' },
    };
    const reply = await infer(service, 'twice', request, halves);
    assert.equal(outputOf(reply).datatype, 'FP32');
    assert.deepEqual(
      valuesOf(reply),
      rounded.map((value) => 2 * value),
    );
  });
});

describe('64-bit integers', () => {
  test('that a double holds exactly are read beyond 2^53, in JSON as in bytes', async () => {
    await storeModel(service, 'same', { method: 'affine' }, [[0, 0]]);
    const big = [2n ** 53n, 2n ** 60n];
    const [input, bytes] = binaryInput('uint64', [1, 2], big);
    assert.deepEqual(valuesOf(await infer(service, 'same', { inputs: [input] }, bytes)), big.map(Number));
    const json = `{"inputs":[{"name":"x","shape":[1,2],"datatype":"UINT64","data":[${big.join(',')}]}]}`;
    assert.deepEqual(valuesOf(await infer(service, 'same', json)), big.map(Number));
  });
});

describe('the raw mode', () => {
  test('reads a body as the one tensor, its length as the dimension that varies, and answers in bytes', async () => {
    await storeModel(service, 'raw', { method: 'minmax' }, { dtype: 'uint8', shape: [2, 2], data: [0, 0, 10, 20] });
    for (const rows of [0, 1, 3]) {
      const elements = Array.from({ length: 2 * rows }, (_, at) => at);
      const reply = await infer(service, 'raw', '', bytesOf('uint8', elements), {
        'inference-header-content-length': '0',
      });
      assert.deepEqual([outputOf(reply).shape, outputOf(reply).datatype], [[rows, 2], 'FP32']);
      assert.deepEqual(
        valuesOf(reply),
        elements.map((element, at) => Math.fround(element / (at % 2 ? 20 : 10))),
      );
      assert.ok(reply.headers['inference-header-content-length']);
    }
  });
});

test('a normalizer of sample scope treats each sample by itself', async () => {
  await storeModel(service, 'rows', { method: 'norm' }, [[3, 4]]);
  const data = [
    [3, 4],
    [6, 8],
    [0, 5],
  ];
  const reply = await infer(service, 'rows', { inputs: [{ name: 'x', shape: [3, 2], datatype: 'FP64', data }] });
  assert.deepEqual(valuesOf(reply), [0.6, 0.8, 0.6, 0.8, 0, 1]);
});
