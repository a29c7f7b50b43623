/** Accept and Content-Type: what is chosen, and that whoever cannot have it is told what there is. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { type Service, startService } from '../../service.ts';
import { npyFile } from '../../formats/arrays.ts';

const json = 'application/json';
const npy = 'application/x-npy';
const npz = 'application/x-npz';

let service: Service;
before(async () => {
  service = await startService();
});
after(() => service.close());

const file = npyFile('float64', [2, 2], [3, 5, 6, 10]);

async function typeFor(accept: string | undefined, path = '/v1/normalize?method=norm'): Promise<string> {
  const answer = await service.post(path, file, { 'content-type': npy, ...(accept === undefined ? {} : { accept }) });
  const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
  return answer.status === 200 ? type : String(answer.status);
}

describe('Accept', () => {
  const chosen: [accept: string | undefined, type: string][] = [
    [undefined, json],
    ['*/*', json],
    ['application/*', json],
    ['', json],
    [json, json],
    ['application/json; charset=utf-8', json],
    ['APPLICATION/JSON', json],
    [npy, npy],
    [npz, npz],
    [`${npy}, ${json}`, npy],
    [`${json};q=0.5, ${npy};q=0.8`, npy],
    [`${npy};q=0.1, ${npz};q=0.2, ${json};q=0.05`, npz],
    [`${npy};q=0.5, */*;q=0.1`, npy],
    [`${npy};q=0.1, */*`, json],
    [`${json};q=0, */*`, npy],
    [`${json};q=0, ${npy};q=0, */*`, npz],
    ['text/html, application/xhtml+xml, application/xml;q=0.9, */*;q=0.8', json],
    ['image/png', '406'],
    ['image/*', '406'],
    [`${json};q=0`, '406'],
    [`${npy};q=0`, '406'],
    ['*/*;q=0', '406'],
    ['nonsense', '406'],
  ];
  for (const [accept, type] of chosen) {
    test(`${accept ?? 'none'} gives ${type}`, async () => assert.equal(await typeFor(accept), type));
  }

  test('that a call cannot serve is a 406 that names what it serves', async () => {
    const served: [path: string, accept: string, types: RegExp][] = [
      ['/v1/normalize?method=norm', 'image/png', /application\/json, application\/x-npy, application\/x-npz/],
      ['/v1/fit?method=norm', npy, /application\/json, application\/x-npz\b/],
      ['/v1/describe', npz, /application\/json/],
    ];
    for (const [path, accept, types] of served) {
      const { status, body } = await service.post(path, file, { 'content-type': npy, accept });
      assert.equal(status, 406, path);
      assert.match(body.detail, types);
    }
    const merge = await service.post('/v1/merge', { fitted: [] }, { accept: 'image/png' });
    assert.equal(merge.status, 406);
    assert.match(merge.body.detail, /application\/json/);
  });
});

describe('Content-Type', () => {
  test('that a call does not read is a 415 that names what it reads', async () => {
    for (const path of ['/v1/normalize?method=norm', '/v1/fit?method=norm', '/v1/describe']) {
      for (const type of ['image/png', 'application/x-np', 'image/png', 'application', '/', 'multipart/mixed']) {
        const { status, body } = await service.post(path, file, { 'content-type': type });
        assert.equal(status, 415, `${path} ${type}`);
        for (const name of [json, npy, npz, 'multipart/form-data', 'application/octet-stream'])
          assert.ok(body.detail.includes(name), body.detail);
      }
    }
    const merge = await service.post('/v1/merge', file, { 'content-type': npy });
    assert.equal(merge.status, 415);
    assert.match(merge.body.detail, /Served are application\/json\./);
  });

  test('may be in capitals and have parameters', async () => {
    for (const type of ['Application/X-NPY', 'application/x-npy; version=1', 'application/x-npy ;x']) {
      const { status } = await service.post('/v1/describe', file, { 'content-type': type });
      assert.equal(status, 200, type);
    }
  });
});
