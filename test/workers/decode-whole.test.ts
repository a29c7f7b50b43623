/** A large body is read as a small one is, whichever way it is taken: the same tensor, or the same problem. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { Problem } from '#errors.ts';
import { type DecodeResult, decodeBody, decodeTensor } from '#workers/decode.ts';
import { runDecode } from '#workers/decode-whole.ts';

const limit = 2 ** 20;

function outcome(decode: () => DecodeResult): unknown {
  try {
    const { envelope, data } = decode();
    const tensor = data && { ...data.tensor, buffer: Buffer.from(data.tensor.buffer).toString('hex') };
    return { envelope, form: data?.form, tensor };
  } catch (error) {
    assert.ok(error instanceof Problem, String(error));
    return { code: error.code, message: error.message, errors: error.errors };
  }
}

function assertSame(text: string | Uint8Array): void {
  const bytes = Uint8Array.from(Buffer.from(text));
  for (const tensor of [false, true]) {
    const large = outcome(() => runDecode({ kind: 'decode', body: bytes.slice().buffer, limit, tensor }));
    const small = outcome(() => (tensor ? decodeTensor(bytes) : decodeBody(bytes)));
    assert.deepEqual(large, small, JSON.stringify(Buffer.from(bytes).toString('latin1')));
  }
}

const lists = [
  '[[1,2],[3,4.5]]',
  '[1]',
  ' [ 1 , null ] ',
  '5',
  'null',
  '[[1],[2,3]]',
  '[true]',
  '["NaN",1]',
  '"data"',
  '{}',
];

describe('the data', () => {
  for (const data of lists) {
    test(data, () => {
      assertSame(data);
      assertSame(`{"data":${data}}`);
      assertSame(`{"normalizer":{"method":"norm","data":[7]},"data":${data},"include":["data"]}`);
      assertSame(` {\n"include" : [] ,\t"data" :${data}, "more": "\\"data\\": [9]" }\n`);
    });
  }

  for (const text of [
    '{"data":[1],"data":[2,3]}',
    '{"data":[1],"data":null}',
    '{"data":[1],"d\\u0061ta":[2]}',
    '{"d\\u0061ta":[2],"data":[1]}',
    '{"d\\u0061ta":[2]}',
    '{"data\\"":[2],"data":[1]}',
    '{"data":[1],"data":null,"data":[3]}',
    '{"__proto__":{"data":[3]},"data":[1]}',
    '{"a":{"data":[1]}}',
    '[{"data":[1]}]',
    '{"a":"data","data":[1]}',
    '{"data":[1]',
    '{"data":[1]]}',
    '{"data":[1]}}',
    '{"data":[1],}',
    '{"data":[1] "a":2}',
    '{,"data":[1]}',
    '{"data" [1]}',
    '{"data":[1],"a":"\u0000"}',
    '{"data":[9007199254740993]}',
    `{"data":[1],"deep":${'['.repeat(40)}${']'.repeat(40)}}`,
    '',
    '"',
    '{"',
    '{"data',
    '{"data"',
    '{"data":',
    '\\',
  ])
    test(`in ${text}`, () => assertSame(text));

  test('in what is not UTF-8', () => assertSame(Buffer.from('{"data":[1],"name":"\xff"}', 'latin1')));

  test('in a body in which bytes are changed', () => {
    const sound = '{"include":["data"],"data":[[1.5,-2e3],[null,40]],"normalizer":{"method":"norm"}}';
    const change = fc.tuple(
      fc.nat(sound.length - 1),
      fc.constantFrom(...'0123456789.,-+eE[]{}":\\ nul\tdat\xe9'.split('')),
    );
    fc.assert(
      fc.property(fc.array(change, { minLength: 1, maxLength: 3 }), (changes) => {
        const bytes = Buffer.from(sound, 'latin1');
        for (const [at, to] of changes) bytes.write(to, at, 'latin1');
        assertSame(bytes);
      }),
      { numRuns: 5000 },
    );
  });
});
