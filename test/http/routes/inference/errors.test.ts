/** What is wrong with a request of the Open Inference Protocol, and how its clients are told. */
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../../../service.ts';
import { bytesOf } from '../../../formats/arrays.ts';
import { infer, isProblem, storeModel } from './wire.ts';

let service: Service;
before(async () => {
  service = await startService();
  await storeModel(service, 'pixels', { method: 'minmax' }, { dtype: 'float32', shape: [2, 2], data: [3, 5, 6, 10] });
});
after(() => service.close());

const input = { name: 'x', shape: [1, 2], datatype: 'FP32' };
const json = { ...input, data: [1, 2] };
const binary = { ...input, parameters: { binary_data_size: 8 } };
const bytes = bytesOf('float32', [1, 2]);
const atSize = '/inputs/0/parameters/binary_data_size';
const ofInput = (more: object) => ({ inputs: [{ ...json, ...more }] });

/** What is sent (JSON, or text as it is; then bytes), and what comes back: status, code, message and pointer. */
const table: [title: string, request: unknown, number, string, RegExp, pointer?: string, tensor?: Uint8Array][] = [
  [
    'a shape that does not fit the model',
    { inputs: [{ ...json, shape: [2, 1] }] },
    400,
    'shape_mismatch',
    /fitted on \(any, 2\)/,
    '/inputs/0',
  ],
  [
    'a rank that does not fit',
    { inputs: [{ ...json, shape: [2] }] },
    400,
    'shape_mismatch',
    /shape \(2,\)/,
    '/inputs/0',
  ],
  [
    'fewer elements than the shape says',
    ofInput({ shape: [2, 2] }),
    400,
    'invalid_data',
    /2 elements.*has 4/,
    '/inputs/0/data',
  ],
  [
    'rows that differ in length',
    ofInput({ shape: [2, 2], data: [[1, 2], [3]] }),
    400,
    'ragged_rows',
    /length 1, the shape says 2/,
    '/inputs/0/data/1',
  ],
  ['a negative length', ofInput({ shape: [-1, 2] }), 400, 'invalid_request', /shape/, '/inputs/0/shape/0'],
  ['a length that is no integer', ofInput({ shape: [1.5, 2] }), 400, 'invalid_request', /shape/, '/inputs/0/shape/0'],
  [
    'lengths whose product overflows to a small number',
    '{"inputs":[{"name":"x","shape":[16,1152921504606846978],"datatype":"FP32","parameters":{"binary_data_size":128}}]}',
    400,
    'invalid_request',
    /shape/,
    '/inputs/0/shape/1',
    Buffer.alloc(128),
  ],
  [
    'more elements than can be counted',
    { inputs: [{ ...binary, shape: [2 ** 30, 2 ** 30] }] },
    400,
    'invalid_data',
    /has too many elements/,
    '/inputs/0/shape',
    bytes,
  ],
  [
    'nine dimensions',
    ofInput({ shape: [1, 1, 1, 1, 1, 1, 1, 1, 2] }),
    400,
    'invalid_request',
    /shape/,
    '/inputs/0/shape',
  ],
  [
    'BYTES',
    ofInput({ datatype: 'BYTES', data: ['a', 'b'] }),
    400,
    'invalid_request',
    /another datatype of numbers/,
    '/inputs/0/datatype',
  ],
  ['an unknown datatype', ofInput({ datatype: 'float32' }), 400, 'invalid_request', /FP32/, '/inputs/0/datatype'],
  [
    'FP16 in JSON',
    ofInput({ datatype: 'FP16' }),
    400,
    'invalid_request',
    /FP16 cannot be sent as JSON: send the tensor as bytes/,
    '/inputs/0/data',
  ],
  [
    'BF16 in JSON',
    ofInput({ datatype: 'BF16' }),
    400,
    'invalid_request',
    /BF16 cannot be sent as JSON/,
    '/inputs/0/data',
  ],
  [
    'FP16 for an answer in JSON',
    { inputs: [{ ...binary, datatype: 'FP16', parameters: { binary_data_size: 4 } }] },
    400,
    'invalid_request',
    /ask for binary output/,
    undefined,
    Buffer.alloc(4),
  ],
  [
    'text among the numbers',
    ofInput({ data: [1, 'two'] }),
    400,
    'invalid_data',
    /"two" is not a number/,
    '/inputs/0/data/1',
  ],
  [
    'a fraction as an INT32',
    ofInput({ datatype: 'INT32', data: [1, 2.5] }),
    400,
    'invalid_data',
    /2.5 is not an integer/,
    '/inputs/0/data/1',
  ],
  [
    '300 as an UINT8',
    ofInput({ datatype: 'UINT8', data: [[1, 300]] }),
    400,
    'invalid_data',
    /300/,
    '/inputs/0/data/0/1',
  ],
  [
    'an UINT64 that a double cannot hold',
    '{"inputs":[{"name":"x","shape":[1,2],"datatype":"UINT64","data":[1,9007199254740993]}]}',
    422,
    'not_exact',
    /9007199254740993/,
    '/inputs/0/data/1',
  ],
  [
    'a NaN under nan_policy raise',
    '{"inputs":[{"name":"x","shape":[1,2],"datatype":"FP32","data":[[1,NaN]]}]}',
    422,
    'not_finite',
    /\[0, 1\] is NaN/,
    '/inputs/0/data/0/1',
  ],
  ['neither data nor bytes', { inputs: [input] }, 400, 'invalid_request', /either data, or/, '/inputs/0'],
  [
    'data and bytes',
    { inputs: [{ ...binary, data: [1, 2] }] },
    400,
    'invalid_request',
    /either data, or/,
    '/inputs/0',
    bytes,
  ],
  ['data that are no list', ofInput({ data: 5 }), 400, 'invalid_request', /a list of numbers/, '/inputs/0/data'],
  ['no input', { inputs: [] }, 400, 'invalid_request', /one input/, '/inputs'],
  ['two inputs', { inputs: [json, json] }, 400, 'invalid_request', /one input/, '/inputs'],
  ['no inputs', {}, 400, 'invalid_request', /inputs/, '/inputs'],
  [
    'an output that the model does not have',
    { inputs: [json], outputs: [{ name: 'y' }] },
    400,
    'invalid_request',
    /one output, "output"/,
    '/outputs/0/name',
  ],
  [
    'an output twice',
    { inputs: [json], outputs: [{ name: 'output' }, { name: 'output' }] },
    400,
    'invalid_request',
    /one output/,
    '/outputs',
  ],
  [
    'a classification',
    { inputs: [json], outputs: [{ name: 'output', parameters: { classification: 3 } }] },
    501,
    'not_implemented',
    /Classification is not supported/,
  ],
  [
    'an operation that there is not',
    { inputs: [json], parameters: { operation: 'fit' } },
    400,
    'invalid_request',
    /operation/,
    '/parameters/operation',
  ],
  ['an id that is no string', { id: 7, inputs: [json] }, 400, 'invalid_request', /id/, '/id'],
  [
    "a size that is not the shape's",
    { inputs: [{ ...binary, parameters: { binary_data_size: 4 } }] },
    400,
    'invalid_data',
    /takes 8 bytes, but binary_data_size is 4/,
    atSize,
    bytes.subarray(0, 4),
  ],
  [
    'fewer bytes than the size says',
    { inputs: [binary] },
    400,
    'broken_body',
    /8 bytes, but 5 bytes follow/,
    atSize,
    bytes.subarray(0, 5),
  ],
  [
    'more bytes than the size says',
    { inputs: [binary] },
    400,
    'broken_body',
    /8 bytes, but 9 bytes follow/,
    atSize,
    Buffer.alloc(9),
  ],
  [
    'bytes after JSON that has the data',
    { inputs: [json] },
    400,
    'broken_body',
    /bytes after the JSON/,
    undefined,
    bytes,
  ],
  [
    'a size below 0',
    { inputs: [{ ...binary, parameters: { binary_data_size: -8 } }] },
    400,
    'invalid_request',
    /binary_data_size/,
    atSize,
    bytes,
  ],
  ['what is not JSON', '{"inputs":[', 400, 'invalid_json', /^The body is not JSON/],
  ['what is not an object', '[1]', 400, 'invalid_request', /object/, ''],
  ['nothing', '', 400, 'invalid_json', /^The body is not JSON/],
  [
    'parameters nested 100,000 levels deep',
    `{"parameters":${'['.repeat(1e5)}${']'.repeat(1e5)}}`,
    400,
    'invalid_request',
    /nested more than 16 levels deep/,
    '/parameters',
  ],
];

describe('an error has a status, a code, a place and the string `error`:', () => {
  for (const [title, request, status, code, error, pointer, tensor] of table) {
    test(title, async () => {
      const reply = await infer(service, 'pixels', request, tensor);
      isProblem(reply, status, code, error, pointer);
    });
  }
});
