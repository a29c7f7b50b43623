import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Problem, type ProblemCode } from '#errors.ts';
import { decodeJsonTensor } from '#formats/json/parse-tensor.ts';

/** Nested lists are written as text here: the formatter would give each row a line. */
const json = (text: string): unknown => JSON.parse(text);

function nested(value: unknown): { shape: number[]; values: number[] } {
  const { tensor, form } = decodeJsonTensor(value, '/data');
  assert.equal(form, 'nested');
  assert.equal(tensor.dtype, 'float64');
  return { shape: tensor.shape, values: [...new Float64Array(tensor.buffer)] };
}

/** Decodes a flat tensor and gives its buffer. */
function flat(dtype: string, data: unknown[], shape = [data.length]): ArrayBuffer {
  const { tensor, form } = decodeJsonTensor({ dtype, shape, data }, '/data');
  assert.equal(form, 'flat');
  assert.equal(tensor.dtype, dtype);
  assert.deepEqual(tensor.shape, shape);
  return tensor.buffer;
}

function refuses(value: unknown, code: ProblemCode, pointer: string, message = /./): void {
  assert.throws(
    () => decodeJsonTensor(value, '/data'),
    (error) => {
      assert.ok(error instanceof Problem, String(error));
      assert.deepEqual([error.code, error.errors.map((place) => place.pointer)], [code, [pointer]]);
      assert.match(error.message, message);
      assert.ok(error.message.length < 250, error.message);
      return true;
    },
  );
}

/** A number in as many lists. */
function deep(levels: number): unknown {
  return levels === 0 ? 1 : [deep(levels - 1)];
}

/** Lists of a shape that hold the values in order. */
function listsOf(values: readonly number[], shape: readonly number[]): unknown {
  if (shape.length === 0) return values[0];
  const stride = shape.slice(1).reduce((product, length) => product * length, 1);
  const inner = (at: number) => listsOf(values.slice(at * stride, (at + 1) * stride), shape.slice(1));
  return Array.from({ length: shape[0] }, (_, at) => inner(at));
}

describe('nested lists', () => {
  test('hold a matrix, a vector, a bare number', () => {
    assert.deepEqual(nested(json('[[3, 4], [6, 8], [0.5, -0]]')), { shape: [3, 2], values: [3, 4, 6, 8, 0.5, -0] });
    assert.deepEqual(nested([1, 2, 3]), { shape: [3], values: [1, 2, 3] });
    assert.deepEqual(nested(7), { shape: [], values: [7] });
    assert.deepEqual(nested(null), { shape: [], values: [NaN] });
  });

  test('hold NaN and the infinities by their names', () => {
    const values = [NaN, NaN, Infinity, -Infinity];
    assert.deepEqual(nested([null, 'NaN', 'Infinity', '-Infinity']), { shape: [4], values });
    assert.deepEqual(nested('Infinity'), { shape: [], values: [Infinity] });
  });

  test('may be empty', () => {
    assert.deepEqual(nested([]), { shape: [0], values: [] });
    assert.deepEqual(nested(json('[[], []]')), { shape: [2, 0], values: [] });
    assert.deepEqual(nested(json('[[[], []]]')), { shape: [1, 2, 0], values: [] });
  });

  test('hold any shape up to rank 8', () => {
    const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 8 });
    fc.assert(
      fc.property(shapes, (shape) => {
        const length = shape.reduce((product, one) => product * one, 1);
        const values = Array.from({ length }, (_, at) => at / 2);
        assert.deepEqual(nested(listsOf(values, shape)), { shape, values });
      }),
      { numRuns: 50 },
    );
  });

  test('are refused deeper than 8, however deep', () => {
    assert.equal(nested(deep(8)).shape.length, 8);
    refuses(deep(9), 'rank_too_high', '/data');
    refuses(json('['.repeat(5000) + ']'.repeat(5000)), 'rank_too_high', '/data');
    refuses([1, deep(5000)], 'ragged_rows', '/data/1');
  });

  test('are refused where a row differs in length', () => {
    refuses(json('[[1, 2], [3]]'), 'ragged_rows', '/data/1', /length 1, the first one 2/);
    refuses(json('[[1, 2], [3, 4], [5, 6, 7]]'), 'ragged_rows', '/data/2');
    refuses(json('[[1, 2], []]'), 'ragged_rows', '/data/1');
    refuses(json('[[], [1]]'), 'ragged_rows', '/data/1');
    refuses(json('[[[1], [2]], [[3], [4, 5]]]'), 'ragged_rows', '/data/1/1');
    refuses(json('[[[1], [2]], [[3]]]'), 'ragged_rows', '/data/1');
  });

  test('are refused where they differ in depth', () => {
    refuses(json('[[1, 2], 3]'), 'ragged_rows', '/data/1', /Expected a row of length 2, found a number/);
    refuses(json('[[1, 2], null]'), 'ragged_rows', '/data/1');
    refuses(json('[1, [2]]'), 'ragged_rows', '/data/1', /Expected a number, found a row/);
    refuses(json('[[1, 2], [3, [4]]]'), 'ragged_rows', '/data/1/1');
    refuses(json('[[], [[]]]'), 'ragged_rows', '/data/1');
  });

  test('are refused where a cell is no number', () => {
    refuses(json('[[1, 2], [3, "abc"]]'), 'invalid_data', '/data/1/1', /^"abc" is not a number/);
    refuses(json('[[1, 2], [3, "4"]]'), 'invalid_data', '/data/1/1');
    refuses(['nan', 1], 'invalid_data', '/data/0');
    refuses([1, ''], 'invalid_data', '/data/1');
    refuses([1, ' 2 '], 'invalid_data', '/data/1');
    refuses([1, true], 'invalid_data', '/data/1', /^true is/);
    refuses([false], 'invalid_data', '/data/0');
    refuses([1, {}], 'invalid_data', '/data/1', /^An object/);
    refuses(json('[[1], "x"]'), 'invalid_data', '/data/1');
    refuses(json('[[1], {}]'), 'invalid_data', '/data/1');
    refuses('abc', 'invalid_data', '/data');
    refuses(true, 'invalid_data', '/data');
    refuses(json('[[[1, 2], [3, 4]], [[5, 6], [7, "x"]]]'), 'invalid_data', '/data/1/1/1');
    refuses([[1], [`${'y'.repeat(50)}z`]], 'invalid_data', '/data/1/0', /^"y{40}…" is/);
  });

  test('are refused where a number is beyond a double', () => {
    refuses(json('[1, 1e999]'), 'invalid_data', '/data/1', /too large for a double/);
    refuses(json('[[-1e999]]'), 'invalid_data', '/data/0/0');
    refuses(json('1e400'), 'invalid_data', '/data');
  });

  test('are refused at the first bad cell', { timeout: 20_000 }, () => {
    const cells = new Array(300_000).fill('x');
    const rows = cells.map((cell) => [cell]);
    refuses(cells, 'invalid_data', '/data/0');
    refuses(rows, 'invalid_data', '/data/0/0');
  });

  test('allocate nothing for a shape that only the first rows have', () => {
    const row = new Array(100_000).fill(0);
    refuses([row, ...new Array(99_999).fill([])], 'ragged_rows', '/data/1');
    let value: unknown = 0;
    for (let level = 0; level < 8; level++) value = [value, ...new Array(999).fill(0)];
    refuses(value, 'ragged_rows', '/data/1');
  });
});

describe('flat data', () => {
  test('hold every dtype', () => {
    assert.deepEqual([...new Float64Array(flat('float64', [0.1, null, 'Infinity', -0]))], [0.1, NaN, Infinity, -0]);
    assert.deepEqual([...new Float32Array(flat('float32', [0.25, 3.4028235e38]))], [0.25, 2 ** 128 - 2 ** 104]);
    assert.deepEqual([...new Float16Array(flat('float16', [0.1, 65519, null]))], [0.0999755859375, 65504, NaN]);
    assert.deepEqual([...new Uint8Array(flat('bool', [true, false, 1, 0]))], [1, 0, 1, 0]);
    assert.deepEqual([...new Uint8Array(flat('uint8', [0, 255]))], [0, 255]);
    assert.deepEqual([...new Int8Array(flat('int8', [-128, 127]))], [-128, 127]);
    assert.deepEqual([...new Uint16Array(flat('uint16', [0, 65535]))], [0, 65535]);
    assert.deepEqual([...new Int16Array(flat('int16', [-32768, 32767]))], [-32768, 32767]);
    assert.deepEqual([...new Uint32Array(flat('uint32', [0, 4294967295]))], [0, 4294967295]);
    assert.deepEqual([...new Int32Array(flat('int32', [-2147483648, 2147483647, -0]))], [-2147483648, 2147483647, 0]);
  });

  test('round to float16 once, not by way of float32', () => {
    assert.deepEqual([...new Float16Array(flat('float16', [1 + 2 ** -11 + 2 ** -40]))], [1 + 2 ** -10]);
  });

  test('hold 64-bit integers exactly', () => {
    fc.assert(
      fc.property(fc.array(fc.maxSafeInteger()), (data) => {
        assert.deepEqual([...new BigInt64Array(flat('int64', data))], data.map(BigInt));
      }),
    );
    fc.assert(
      fc.property(fc.array(fc.maxSafeNat()), (data) => {
        assert.deepEqual([...new BigUint64Array(flat('uint64', data))], data.map(BigInt));
      }),
    );
    const extremes = [Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER, -1, 2 ** 32, -(2 ** 32), -(2 ** 32) - 1];
    assert.deepEqual([...new BigInt64Array(flat('int64', extremes))], extremes.map(BigInt));
  });

  test('have the shape they say', () => {
    flat('int8', [1, 2, 3, 4, 5, 6], [3, 2]);
    flat('float32', [1], []);
    flat('float32', [], [0, 1000]);
    flat('float32', [], [2 ** 40, 0]);
    refuses(
      { dtype: 'int8', shape: [2, 2], data: [1, 2, 3] },
      'invalid_data',
      '/data/data',
      /3 elements, but .* has 4/,
    );
    refuses({ dtype: 'int8', shape: [2 ** 50], data: [1] }, 'invalid_data', '/data/data');
    refuses({ dtype: 'int8', shape: [], data: [] }, 'invalid_data', '/data/data');
  });

  test('are refused where a cell is not of the dtype', () => {
    const bad: Record<string, unknown[]> = {
      bool: [2, 0.5, null, 'true', Infinity],
      uint8: [256, -1, 0.5, null, 'NaN', 'Infinity', true, '1', {}, [1]],
      int8: [128, -129, 1e300],
      uint16: [65536, -1],
      int16: [32768, -32769],
      uint32: [4294967296, -1],
      int32: [2147483648, -2147483649],
      uint64: [-1, 0.5, 1e20, null],
      int64: [1e19, -1e19, 2.5, null, '1'],
      float16: [65520, -1e5, true],
      float32: [1e39, -3.4028236e38, '1'],
      float64: [Infinity, -Infinity, true, '1', [1], {}],
    };
    for (const [dtype, cells] of Object.entries(bad)) {
      for (const cell of cells) refuses({ dtype, shape: [3], data: [1, cell, 0] }, 'invalid_data', '/data/data/1');
    }
    refuses({ dtype: 'uint8', shape: [1], data: [300] }, 'invalid_data', '/data/data/0', /^300 is .* uint8/);
    refuses({ dtype: 'bool', shape: [1], data: [3] }, 'invalid_data', '/data/data/0', /true, false, 0 or 1/);
  });

  test('are refused for a 64-bit integer that JSON may have rounded', () => {
    const beyond = ['9007199254740993', '9007199254740992', '-9007199254740993'];
    for (const text of [...beyond, '9223372036854775807', '-9223372036854775808']) {
      refuses({ dtype: 'int64', shape: [2], data: [1, json(text)] }, 'not_exact', '/data/data/1', /base64/);
    }
    refuses({ dtype: 'uint64', shape: [1], data: [json('18446744073709551615')] }, 'not_exact', '/data/data/0');
  });
});

describe('base64', () => {
  test('holds little-endian bytes of any dtype and shape', () => {
    const value = { dtype: 'float32', shape: [2, 2], base64: 'AABAQAAAgEAAAMBAAAAAQQ==' };
    const { tensor, form } = decodeJsonTensor(value, '/data');
    assert.equal(form, 'base64');
    assert.deepEqual(tensor, { dtype: 'float32', shape: [2, 2], buffer: new Float32Array([3, 4, 6, 8]).buffer });
    const scalar = decodeJsonTensor({ dtype: 'uint64', shape: [], base64: '//////////8=' }, '/data').tensor;
    assert.deepEqual(new BigUint64Array(scalar.buffer), new BigUint64Array([2n ** 64n - 1n]));
    assert.equal(decodeJsonTensor({ dtype: 'int8', shape: [0, 3], base64: '' }, '/data').tensor.buffer.byteLength, 0);
  });

  test('gives the bytes that were put in', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        const value = { dtype: 'uint8', shape: [bytes.length], base64: Buffer.from(bytes).toString('base64') };
        assert.deepEqual(new Uint8Array(decodeJsonTensor(value, '/data').tensor.buffer), bytes);
      }),
    );
  });

  test('is refused in the wrong length', () => {
    const wrong = { dtype: 'float32', shape: [2, 2], base64: 'AABAQA==' };
    refuses(wrong, 'invalid_data', '/data/base64', /takes 16 bytes, 24 characters of base64; got 8/);
    refuses({ dtype: 'float64', shape: [2 ** 52], base64: '' }, 'invalid_data', '/data/base64');
    refuses({ dtype: 'uint8', shape: [5], base64: 'AAAAAAAA' }, 'invalid_data', '/data/base64', /padded/);
  });

  test('is refused when it is not strict', () => {
    const alphabet = ['AAA\n', 'A AA', 'AA_A', 'AA-A', 'AA.A', 'AÀAA'];
    const padding = ['AAA', 'AA=A', 'A===', '====', 'AA==', 'AAB='];
    for (const base64 of [...alphabet, ...padding]) {
      refuses({ dtype: 'uint8', shape: [3], base64 }, 'invalid_data', '/data/base64');
      refuses({ dtype: 'uint8', shape: [2], base64 }, 'invalid_data', '/data/base64');
    }
    refuses({ dtype: 'uint8', shape: [1], base64: 'AB==' }, 'invalid_data', '/data/base64');
    refuses({ dtype: 'uint8', shape: [0], base64: '    ' }, 'invalid_data', '/data/base64');
  });
});

describe('the members of a tensor', () => {
  const good = { dtype: 'int8', shape: [1], data: [1] };

  test('are refused when one is missing, unknown or one too many', () => {
    refuses(undefined, 'invalid_request', '/data');
    refuses({}, 'invalid_request', '/data');
    refuses({ ...good, dtype: undefined }, 'invalid_request', '/data/dtype', /missing/);
    refuses({ ...good, shape: undefined }, 'invalid_request', '/data/shape');
    refuses({ ...good, data: undefined }, 'invalid_request', '/data');
    refuses({ ...good, base64: 'AQ==' }, 'invalid_request', '/data', /either/);
    refuses({ ...good, order: 'F' }, 'invalid_request', '/data', /"order"/);
    refuses({ ...good, [`k${'e'.repeat(1000)}`]: 1 }, 'invalid_request', '/data');
    const prototype = json('{"dtype": "int8", "shape": [1], "data": [1], "__proto__": 1}');
    refuses(prototype, 'invalid_request', '/data', /__proto__/);
  });

  test('are refused when they are not what they should be', () => {
    for (const dtype of ['complex64', 'Float32', 'toString', '', 3, null, ['int8']]) {
      refuses({ ...good, dtype }, 'invalid_request', '/data/dtype', /float64/);
    }
    for (const shape of [3, null, '3', {}]) refuses({ ...good, shape }, 'invalid_request', '/data/shape');
    for (const length of [-1, 1.5, '1', null, true, 2 ** 53, Infinity, [1]]) {
      refuses({ ...good, shape: [1, length] }, 'invalid_request', '/data/shape/1');
    }
    for (const data of [1, null, 'x', {}]) refuses({ ...good, data }, 'invalid_request', '/data/data');
    for (const base64 of [1, null, [], {}]) {
      refuses({ dtype: 'int8', shape: [1], base64 }, 'invalid_request', '/data/base64');
    }
  });

  test('are refused for a shape of too many axes or elements', () => {
    refuses({ ...good, shape: new Array(9).fill(1) }, 'rank_too_high', '/data/shape');
    refuses({ ...good, shape: [2 ** 40, 2 ** 40] }, 'invalid_data', '/data/shape');
  });

  test('may have a length of -0, which is 0', () => {
    const { tensor } = decodeJsonTensor(json('{"dtype": "int8", "shape": [-0, 2.0], "data": []}'), '/data');
    assert.deepEqual(tensor.shape, [0, 2]);
  });
});
