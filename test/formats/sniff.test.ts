/** Bodies whose type says nothing: the first bytes, and the name of a file, decide. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { type Service, startService } from '../service.ts';
import { arrowStream } from './arrow/arrow-tables.ts';
import { idxFile, npyFile } from './arrays.ts';
import { multipartOf } from './multipart/multiparts.ts';
import { npzOf } from './npz/zips.ts';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const values = [1, 2, 3, 4, 5, 7];
const npy = npyFile('float64', [3, 2], values) ?? assert.fail();

const files: Record<string, Buffer> = {
  npy,
  npz: npzOf({ data: npy }),
  'an Arrow stream': arrowStream('float64', [3, 2], values) ?? assert.fail(),
  IDX: idxFile('float64', [3, 2], values),
  CSV: Buffer.from('1,2\n3,4\n5,7\n'),
  'CSV with a header': Buffer.from('a,b\n1,2\n3,4\n5,7\n'),
  'CSV in UTF-16': Buffer.from('\ufeffa\tb\n1\t2\n3\t4\n5\t7\n', 'utf16le'),
  NDJSON: Buffer.from('{"a":1,"b":2}\n{"a":3,"b":4}\n{"a":5,"b":7}\n'),
};

const types = ['application/octet-stream', 'text/plain', 'application/vnd.ms-excel', ''];

async function mean(body: Buffer, type: string): Promise<unknown> {
  const headers: Record<string, string> = type === '' ? {} : { 'content-type': type };
  const answer = await service.post('/v1/fit?method=zscore', body, headers);
  assert.equal(answer.status, 200, JSON.stringify(answer.body));
  return answer.body.fitted.parameters.mean;
}

describe('a body without a useful type', () => {
  for (const [name, file] of Object.entries(files)) {
    test(`that is ${name} is read, compressed by gzip, too`, async () => {
      for (const type of types) assert.deepEqual(await mean(file, type), [3, 13 / 3], type);
      assert.deepEqual(await mean(gzipSync(file), 'application/octet-stream'), [3, 13 / 3]);
    });
  }

  test('that is JSON is read as a request', async () => {
    const body = Buffer.from(' {"data":[[1,2],[3,4],[5,7]]}');
    for (const type of types) assert.deepEqual(await mean(body, type), [3, 13 / 3]);
  });

  test('as a file of a form is read by its bytes and its name', async () => {
    const post = (name: string, content: string) =>
      service.post('/v1/fit?method=zscore', multipartOf('b', { request: '{}', data: { fileName: name, content } }), {
        'content-type': 'multipart/form-data; boundary=b',
      });
    const csv = await post('people.csv', 'a,b\n1,2\n3,4\n5,7\n');
    assert.deepEqual(csv.body.fitted?.input.columns, ['a', 'b'], JSON.stringify(csv.body));
    const json = await post('people', '[{"a":1,"b":2},{"a":3,"b":4}]');
    assert.deepEqual(json.body.fitted?.input.columns, ['a', 'b'], JSON.stringify(json.body));
    const lines = await post('people.jsonl', '{"a":1,"b":2}');
    assert.deepEqual(lines.body.fitted?.input.columns, ['a', 'b'], JSON.stringify(lines.body));
  });

  test('that is something else is refused with what it is and what to send', async () => {
    const strangers: [Buffer, number, RegExp][] = [
      [Buffer.from([0x80, 0x04, 0x95, 0x01]), 415, /pickle.*numpy\.save/],
      [Buffer.from([0xd0, 0xcf, 0x11, 0xe0, 0xa1]), 415, /Excel workbook.*CSV/],
      [
        Buffer.concat([npzOf({ x: npy }).subarray(0, 30), Buffer.from('[Content_Types].xml')]),
        415,
        /Excel workbook.*CSV/,
      ],
      [Buffer.from('\x89HDF\r\n', 'latin1'), 415, /HDF5.*numpy\.save/],
      [Buffer.from([1, 2, 3, 4]), 400, /none of npy, npz/],
      [Buffer.from('<!DOCTYPE html>'), 415, /HTML page.*CSV/],
      [Buffer.alloc(0), 400, /no body/],
    ];
    for (const [body, status, says] of strangers) {
      const answer = await service.post('/v1/fit?method=zscore', body, { 'content-type': 'application/octet-stream' });
      assert.equal(answer.status, status, `${says}: ${JSON.stringify(answer.body)}`);
      assert.match(answer.body.detail, says);
    }
  });
});
