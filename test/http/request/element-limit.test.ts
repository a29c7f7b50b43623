/** NORMA_ELEMENT_LIMIT holds in every format, also where the elements are counted only while they come. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Service, startService } from '../../service.ts';
import { npyOf } from '../../formats/arrays.ts';

const most = 1000;

let service: Service;
before(async () => {
  service = await startService({ elementLimit: most });
});
after(() => service.close());

const norm = { method: 'norm' };
const query = '/v1/normalize?method=norm';
const table = (rows: number) => `a,b\n${'1.5,2\n'.repeat(rows)}`;

const sent: [what: string, path: string, type: string, body: (count: number) => string | Uint8Array][] = [
  [
    'lists in JSON',
    '/v1/normalize',
    'application/json',
    (count) => JSON.stringify({ normalizer: norm, data: Array(count).fill(1) }),
  ],
  ['npy', query, 'application/x-npy', (count) => npyOf(new Float32Array(count).fill(1), [count / 2, 2])],
  ['a small table', query, 'text/csv', (count) => table(count / 2)],
];
for (const [what, path, type, body] of sent) {
  test(`${what}: as many as may be, and one row more`, async () => {
    const post = (count: number) => service.post(path, Buffer.from(body(count)), { 'content-type': type });
    assert.equal((await post(most)).status, 200);
    isRefused(await post(most + 2));
  });
}

test('a table that streams is counted while it comes', async () => {
  const large = await startService({ elementLimit: 1e6 });
  try {
    const post = (rows: number) =>
      large.post('/v1/fit?method=minmax', Buffer.from(table(rows)), { 'content-type': 'text/csv' });
    assert.equal((await post(5e5)).status, 200);
    isRefused(await post(5e5 + 1));
  } finally {
    await large.close();
  }
});

test('a stored normalizer that is asked by the inference protocol', async () => {
  const { status } = await service.post('/v1/normalizers/few/versions', { normalizer: norm, data: [[3, 4]] });
  assert.equal(status, 201);
  const ask = (rows: number) =>
    service.post('/v2/models/few/infer', {
      inputs: [{ name: 'input', datatype: 'FP64', shape: [rows, 2], data: Array(2 * rows).fill(1) }],
    });
  assert.equal((await ask(most / 2)).status, 200);
  isRefused(await ask(most / 2 + 1));
});

function isRefused({ status, headers, body }: Awaited<ReturnType<Service['post']>>): void {
  assert.equal(status, 413);
  assert.match(headers.get('content-type') ?? '', /^application\/problem\+json/);
  assert.equal(body.code, 'body_too_large');
  assert.match(body.detail, /NORMA_ELEMENT_LIMIT/);
}
