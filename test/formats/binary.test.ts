/** NumPy's files as requests and as answers: every layout of the same numbers means the same numbers. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import fc from 'fast-check';
import { type Service, startService } from '../service.ts';
import { bytesOf, countOf, type Dtype, dtypes, type Element, elementsOf, npyFile, readNpy } from './arrays.ts';

const npy = 'application/x-npy';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

/** Integers and booleans become float64, floats keep their dtype. */
function outputOf(dtype: Dtype): Dtype {
  return dtype.startsWith('float') ? dtype : 'float64';
}

/** Min-max over the whole array, by its formula. */
function scaled(elements: readonly Element[]): number[] {
  const numbers = elements.map(Number);
  const least = Math.min(...numbers);
  const range = Math.max(...numbers) - least || 1;
  return numbers.map((x) => (x - least) / range);
}

/** Elements that try the ends of a dtype and stay exact in a double. */
const samples: Record<Dtype, Element[]> = {
  bool: [0, 1, 1, 0, 0, 1],
  uint8: [0, 255, 1, 128, 127, 3],
  int8: [-128, 127, 0, -1, 5, 77],
  uint16: [0, 65535, 256, 1, 255, 513],
  int16: [-32768, 32767, -1, 0, 258, -513],
  uint32: [0, 4294967295, 65536, 1, 16909060, 255],
  int32: [-2147483648, 2147483647, -1, 0, 16909060, -2],
  uint64: [0n, 2n ** 64n - 2048n, 2n ** 63n, 1n, 2n ** 53n, 72623859790382848n],
  int64: [-(2n ** 63n), 2n ** 62n, -1n, 0n, 2n ** 53n + 2n, 3n],
  float16: [0, -65504, 65504, 2 ** -24, 1.5, -0.333251953125],
  float32: [0, -(2 ** 127), 2 ** 127, 2 ** -149, 0.5, Math.fround(0.1)],
  float64: [0, -1.5e300, 1e300, 5e-324, 0.1, 1 / 3],
};

/** Sends a file to /v1/normalize and reads the file that comes back. */
async function normalized(file: Uint8Array, query: string) {
  const answer = await service.post(`/v1/normalize?${query}`, file, { 'content-type': npy, accept: npy });
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  assert.equal(answer.headers.get('content-type'), npy);
  assert.equal(answer.headers.get('content-length'), String(answer.body.length));
  return readNpy(answer.body);
}

describe('an npy request', () => {
  for (const dtype of dtypes) {
    test(`of ${dtype} is read in every version, order and byte order`, async () => {
      const elements = samples[dtype];
      const expected = bytesOf(outputOf(dtype), scaled(elements));
      for (const version of [1, 2, 3] as const) {
        for (const [fortran, bigEndian] of [
          [false, false],
          [false, true],
          [true, false],
          [true, true],
        ]) {
          const file = npyFile(dtype, [2, 3], elements, { version, fortran, bigEndian });
          const got = await normalized(file, 'method=minmax&axis=null');
          assert.deepEqual(
            got,
            { dtype: outputOf(dtype), shape: [2, 3], data: expected },
            JSON.stringify({ version, fortran, bigEndian }),
          );
        }
      }
    });
  }

  for (let rank = 0; rank <= 8; rank++) {
    test(`of rank ${rank} comes back in its own shape`, async () => {
      const shape = [2, 3, 1, 2, 2, 1, 3, 2].slice(0, rank);
      const elements = Array.from({ length: countOf(shape) }, (_, at) => (at * 7) % 11);
      for (const fortran of [false, true]) {
        const got = await normalized(npyFile('int16', shape, elements, { fortran }), 'method=minmax&axis=null');
        assert.deepEqual(got.shape, shape);
        assert.deepEqual(elementsOf('float64', got.data), scaled(elements));
      }
    });
  }

  test('without elements has nothing to fit to', async () => {
    for (const shape of [[0], [0, 3], [3, 0], [2, 0, 4], [0, 0]]) {
      for (const method of ['minmax', 'zscore', 'norm']) {
        for (const call of ['normalize', 'fit']) {
          const file = npyFile('float32', shape, []);
          const answer = await service.post(`/v1/${call}?method=${method}`, file, { 'content-type': npy });
          assert.equal(answer.status, 422, `${call} ${method} of shape (${shape})`);
          assert.equal(answer.body.code, 'empty');
        }
      }
      assert.equal(
        (await service.post('/v1/describe', npyFile('float32', shape, []), { 'content-type': npy })).status,
        422,
      );
    }
  });

  test('of no samples is transformed to no samples', async () => {
    for (const method of ['minmax', 'norm']) {
      const fit = await service.post('/v1/fit', {
        normalizer: { method },
        data: [
          [3, 5],
          [6, 11],
        ],
      });
      const query = `fitted=${encodeURIComponent(JSON.stringify(fit.body.fitted))}`;
      const answer = await service.post(`/v1/transform?${query}`, npyFile('float32', [0, 2], []), {
        'content-type': npy,
        accept: npy,
      });
      assert.equal(answer.status, 200, JSON.stringify(answer.body));
      assert.deepEqual(readNpy(answer.body), { dtype: 'float32', shape: [0, 2], data: Buffer.alloc(0) });
    }
  });

  test('tells the index of a value that is refused', async () => {
    const file = npyFile('float32', [2, 3], [1, 2, 3, 4, NaN, 6], { fortran: true, bigEndian: true });
    const answer = await service.post('/v1/normalize?method=minmax', file, { 'content-type': npy });
    assert.equal(answer.status, 422);
    assert.match(answer.body.detail, /\[1, 1\]/);
    assert.equal(answer.body.errors[0].pointer, '/data');
  });

  test('of 64-bit integers is refused where a double would round, and nowhere else', async () => {
    const rounded: [Dtype, bigint][] = [
      ['int64', 2n ** 53n + 1n],
      ['int64', -(2n ** 53n) - 1n],
      ['int64', 2n ** 63n - 1n],
      ['uint64', 2n ** 64n - 1n],
    ];
    for (const [dtype, value] of rounded) {
      const answer = await service.post('/v1/describe', npyFile(dtype, [2], [0n, value]), { 'content-type': npy });
      assert.equal(answer.status, 422, String(value));
      assert.equal(answer.body.code, 'not_exact');
    }
    for (const value of [2n ** 53n, 2n ** 53n + 2n, 2n ** 63n, 2n ** 64n - 2048n]) {
      const answer = await service.post('/v1/describe', npyFile('uint64', [2], [0n, value]), { 'content-type': npy });
      assert.deepEqual(answer.body.statistics?.minmax, [0, Number(value)]);
    }
  });
});

// JSON.stringify writes -0 as 0, so that none is sent.
test('the same numbers give the same bits as JSON and as npy', async () => {
  const lengths = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 });
  const shapes = lengths.map((shape) =>
    shape.map((length, axis) => (countOf(shape.slice(0, axis + 1)) > 300 ? 1 : length)),
  );
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
    float16: fc.double({ min: -6e4, max: 6e4, noNaN: true }).map(Math.f16round),
    float32: fc.float({ noNaN: true, noDefaultInfinity: true, min: -(2 ** 100), max: 2 ** 100 }),
    float64: fc.double({ noNaN: true, min: -1e100, max: 1e100 }),
  };
  const cases = fc.record({ dtype: fc.constantFrom(...dtypes), shape: shapes }).chain(({ dtype, shape }) =>
    fc.record({
      dtype: fc.constant(dtype),
      shape: fc.constant(shape),
      elements: fc.array(
        numbers[dtype].map((number) => number || 0),
        { minLength: countOf(shape), maxLength: countOf(shape) },
      ),
      layout: fc.record({ version: fc.constantFrom(1, 2, 3), fortran: fc.boolean(), bigEndian: fc.boolean() }),
      method: fc.constantFrom('minmax', 'zscore', 'norm'),
      axis: fc.option(fc.integer({ min: -Math.max(shape.length, 1), max: Math.max(shape.length - 1, 0) })),
    }),
  );
  await fc.assert(
    fc.asyncProperty(cases, async ({ dtype, shape, elements, layout, method, axis }) => {
      const flat = { dtype, shape, data: elements };
      const json = await service.post('/v1/normalize', { normalizer: { method, axis }, data: flat, include: ['data'] });
      assert.equal(json.status, 200, JSON.stringify(json.body));
      const got = await normalized(npyFile(dtype, shape, elements, layout), `method=${method}&axis=${axis}`);
      const { data } = json.body;
      assert.deepEqual({ dtype: got.dtype, shape: got.shape }, { dtype: data.dtype, shape: data.shape });
      assert.deepEqual(got.data, bytesOf(data.dtype, data.data));
    }),
    { numRuns: 100 },
  );
});
