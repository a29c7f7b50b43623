/** A large body is read as a small one is, whichever way it is taken: the same tensor, or the same problem. */
import assert from 'node:assert/strict';
import { describe, type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { Problem } from '#errors.ts';
import { type DecodeResult, decodeBody, decodeTensor } from '#formats/json/parse-body.ts';
import { type DecodedInference, decodeInference, parseLargeInference } from '#formats/oip/parse-request.task.ts';
import { parseLargeBody } from '#formats/json/parse-large-body.task.ts';

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

function assertSameInference(text: string | Uint8Array): void {
  const bytes = Uint8Array.from(Buffer.from(text));
  const inference = (decode: () => DecodedInference) =>
    outcome(() => {
      const { head, inputs } = decode();
      return { envelope: { head, hasData: inputs.map(({ hasData }) => hasData) }, data: inputs[0]?.data };
    });
  const large = inference(() => parseLargeInference({ body: bytes.slice().buffer, limit }));
  const small = inference(() => decodeInference(bytes));
  assert.deepEqual(large, small, JSON.stringify(Buffer.from(bytes).toString('latin1')));
}

/** A sound body, and bytes to put into it. */
function assertSameWhereChanged(sound: string, assertSame: (bytes: Uint8Array) => void): void {
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
}

function assertSame(text: string | Uint8Array): void {
  const bytes = Uint8Array.from(Buffer.from(text));
  for (const tensor of [false, true]) {
    const large = outcome(() => parseLargeBody({ body: bytes.slice().buffer, limit, tensor }));
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
    assertSameWhereChanged(sound, assertSame);
  });
});

/** Beside a dtype and a shape, in either form. */
const elements: [string, string][] = [
  ['"dtype":"float64","shape":[2,2]', '[1,2,3,null]'],
  ['"dtype":"float64","shape":[2,2]', '[[1,2],[3,4]]'],
  ['"dtype":"float64","shape":[2,2]', '[[1,2,3,4]]'],
  ['"dtype":"float64","shape":[4]', '[[1,2],[3,4]]'],
  ['"dtype":"float64","shape":[]', '[7]'],
  ['"dtype":"float64","shape":[2]', '[1,2,3]'],
  ['"dtype":"float32","shape":[2]', '[0.1,1e39]'],
  ['"dtype":"float32","shape":[3]', '[0.1,null,-0]'],
  ['"dtype":"uint8","shape":[2]', '[0,255]'],
  ['"dtype":"uint8","shape":[2]', '[0,256]'],
  ['"dtype":"uint8","shape":[2]', '[0,null]'],
  ['"dtype":"bool","shape":[2]', '[0,1]'],
  ['"dtype":"bool","shape":[2]', '[0,true]'],
  ['"dtype":"int64","shape":[2]', '[-1,9007199254740991]'],
  ['"dtype":"int64","shape":[2]', '[1,9007199254740993]'],
  ['"dtype":"int64","shape":[2]', '[1,9007199254740992]'],
  ['"dtype":"uint64","shape":[1]', '[18446744073709551615]'],
  ['"dtype":"complex","shape":[1]', '[1]'],
  ['"dtype":"float64","shape":"1"', '[1]'],
  ['"dtype":"float64","shape":[1],"more":2', '[1]'],
  ['"dtype":"float64","shape":[1],"base64":""', '[1]'],
];

describe('a tensor', () => {
  for (const [header, data] of elements) {
    test(`${header}, ${data}`, () => {
      assertSame(`{${header},"data":${data}}`);
      assertSame(`{"data":{${header},"data":${data}}}`);
      assertSame(`{"data":{"data":${data} , ${header}},"include":[]}`);
      assertSame(`{"sample_weight":{"data":[1]},"data":{${header},"data":${data}}}`);
    });
  }

  test('in a body in which bytes are changed', () => {
    const sound = '{"data":{"dtype":"int32","shape":[2,2],"data":[1,-2,30,40]},"include":["data"]}';
    assertSameWhereChanged(sound, assertSame);
  });
});

describe('an inference', () => {
  const datatypes = {
    float64: 'FP64',
    float32: 'FP32',
    uint8: 'UINT8',
    bool: 'BOOL',
    int64: 'INT64',
    uint64: 'UINT64',
  };
  for (const [header, data] of elements) {
    const input = header.replace(
      /"dtype":"(\w+)"/,
      (_, dtype: keyof typeof datatypes) => `"datatype":"${datatypes[dtype]}"`,
    );
    test(`${input}, ${data}`, () => {
      assertSameInference(`{"inputs":[{"name":"input",${input},"data":${data}}]}`);
      assertSameInference(`{"id":"data","inputs":[{"data": ${data},"name":"input",${input}}],"outputs":[]}`);
      assertSameInference(`{"parameters":{"data":[5]},"inputs":[{"name":"input",${input},"data":${data}}]}`);
      assertSameInference(`{"inputs":[{"name":"input",${input},"data":${data}},{"name":"other","data":[1]}]}`);
      assertSameInference(`{"inputs":[{"name":"other"},{"name":"input",${input},"data":${data}}]}`);
    });
  }

  for (const text of ['{"inputs":{"data":[1]}}', '[]', '{"inputs":[{"datatype":"FP64","shape":[2],"data":[1,NaN]}]}'])
    test(text, () => assertSameInference(text));

  test('in a body in which bytes are changed', () => {
    const sound = '{"inputs":[{"name":"input","shape":[2,2],"datatype":"FP32","data":[1.5,-2,null,40]}]}';
    assertSameWhereChanged(sound, assertSameInference);
  });
});

describe('JSON.parse does not get to see', () => {
  const numbers = `[${Array.from({ length: 1000 }, (_, at) => at / 7).join()}]`;
  const input = `"shape":[1000],"data":${numbers}`;

  function longestParsed(t: TestContext, decode: (body: ArrayBuffer) => unknown, text: string): number {
    const parse = t.mock.method(JSON, 'parse');
    decode(Uint8Array.from(Buffer.from(text)).buffer);
    return Math.max(...parse.mock.calls.map((call) => String(call.arguments[0]).length));
  }

  for (const [what, text] of [
    ['lists', `{"data":${numbers}}`],
    ['the elements of a tensor', `{"data":{"dtype":"float32",${input}}}`],
  ]) {
    test(what, (t) => assert.ok(longestParsed(t, (body) => parseLargeBody({ body, limit }), text) < 200));
  }

  test('the elements of a tensor that is the whole body', (t) => {
    const decode = (body: ArrayBuffer) => parseLargeBody({ body, limit, tensor: true });
    assert.ok(longestParsed(t, decode, `{"dtype":"float32",${input}}`) < 200);
  });

  test('the data of an inference', (t) => {
    const decode = (body: ArrayBuffer) => parseLargeInference({ body, limit });
    assert.ok(longestParsed(t, decode, `{"inputs":[{"name":"input","datatype":"FP64",${input}}]}`) < 200);
  });
});
