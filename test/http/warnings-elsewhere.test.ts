/** Warnings where the answer has no place for them: a header, a trailer, a file in npz, a parameter in /v2, the log line. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { after, before, test } from 'node:test';
import { type Service, startService } from '../service.ts';
import { npyFile, npyOf } from '../formats/arrays.ts';
import { unzip } from '../formats/npz/zips.ts';

const npy = { 'content-type': 'application/x-npy', accept: 'application/x-npy' };

let service: Service;
const lines: string[] = [];
before(async () => {
  const log = { write: (line: string) => void lines.push(line) };
  service = await startService({ workers: 1, logLevel: 'info' }, undefined, log);
  const data = Array.from({ length: 100 }, (_, at) => [at]);
  const { status } = await service.post('/v1/normalizers/a/versions', { normalizer: { method: 'minmax' }, data });
  assert.equal(status, 201);
});
after(() => service.close());

const path = '/v1/normalizers/a/transform';

/** With its trailers, which fetch does not give. */
async function send(
  to: string,
  body: Buffer,
  headers: Record<string, string>,
): Promise<IncomingMessage & { size: number }> {
  const sent = request(service.url + to, { method: 'POST', headers: { ...headers, 'content-length': body.length } });
  sent.end(body);
  const [answer] = (await once(sent, 'response')) as [IncomingMessage];
  let size = 0;
  for await (const chunk of answer) size += (chunk as Buffer).length;
  return Object.assign(answer, { size });
}

test('a small answer tells its warnings in a header', async () => {
  for (const accept of [npy.accept, 'application/x-npz', 'text/csv']) {
    const headers = { ...npy, accept };
    const { status, headers: told } = await service.post(path, npyFile('float64', [3, 1], [-1, 5, 100]), headers);
    assert.deepEqual([status, told.get('norma-warnings')], [200, 'out_of_range;count=2'], accept);
    const clean = await service.post(path, npyFile('float64', [1, 1], [5]), headers);
    assert.equal(clean.headers.get('norma-warnings'), null);
  }
  const single = await service.post('/v1/normalize?method=norm&axis=0', npyFile('float64', [2, 1], [3, 4]), npy);
  assert.equal(single.headers.get('norma-warnings'), 'depends_on_batch_size');
  const json = await service.post(path, { data: [[100]] });
  assert.deepEqual([json.headers.get('norma-warnings'), json.body.warnings[0].code], [null, 'out_of_range']);
});

test('an answer that streams tells them in a trailer, and of known length to those alone who read trailers', async () => {
  const values = new Float64Array(300_000).fill(1e3);
  const body = npyOf(values, [300_000, 1]);
  const csv = await send(path, body, { ...npy, accept: 'text/csv' });
  assert.deepEqual(
    [csv.headers.trailer, csv.trailers['norma-warnings']],
    ['Norma-Warnings', 'out_of_range;count=300000'],
  );
  const told = await send(path, body, { ...npy, te: 'trailers' });
  assert.deepEqual(
    [told.headers['content-length'], told.trailers['norma-warnings']],
    [undefined, 'out_of_range;count=300000'],
  );
  const plain = await send(path, body, npy);
  assert.deepEqual([Number(plain.headers['content-length']), plain.trailers], [plain.size, {}]);
  assert.equal(told.size, plain.size);
});

test('npz has them as a file', async () => {
  const { body } = await service.post(path, npyFile('float64', [2, 1], [5, 100]), {
    ...npy,
    accept: 'application/x-npz',
  });
  const file = unzip(body)['warnings.json'];
  const [warning] = JSON.parse(new TextDecoder().decode(file));
  assert.deepEqual([warning.code, warning.count], ['out_of_range', 1]);
});

test('/v2 has them as a parameter, also before bytes', async () => {
  const infer = '/v2/models/a/infer';
  const inputs = [{ name: 'input', shape: [2, 1], datatype: 'FP64', data: [-3, 5] }];
  const json = await service.post(infer, { inputs });
  assert.deepEqual(json.body.parameters, { warnings: 'out_of_range;count=1' });
  const binary = await service.post(infer, { inputs, parameters: { binary_data_output: true } });
  const length = Number(binary.headers.get('inference-header-content-length'));
  const opening = JSON.parse(new TextDecoder().decode(binary.body.subarray(0, length)));
  assert.deepEqual(opening.parameters, { warnings: 'out_of_range;count=1' });
  assert.equal(binary.headers.get('norma-warnings'), 'out_of_range;count=1');
  const clean = await service.post(infer, { inputs: [{ ...inputs[0], data: [1, 5] }] });
  assert.equal(clean.body.parameters, undefined);
});

test('the log line has the normalizer, its version, and the codes and counts', async () => {
  lines.length = 0;
  await service.post(path, { data: [[100], [101]] });
  await service.post('/v1/normalizers/a/versions', { normalizer: { method: 'minmax' }, data: [[1], [2]] });
  await service.send('PUT', '/v1/normalizers/a/aliases/production', { version: 1 });
  for (let waited = 0; lines.length < 5 && waited < 200; waited++)
    await new Promise((resolve) => setTimeout(resolve, 10));
  const read = lines.map((line) => JSON.parse(line));
  const [transform] = read.filter(({ route }) => route?.endsWith('/transform'));
  assert.deepEqual(
    [transform.normalizer, transform.version, transform.warnings],
    ['a', 1, [{ code: 'out_of_range', count: 2 }]],
  );
  const audits = read.filter(({ msg }) => msg === 'audit').map(({ audit }) => audit);
  assert.deepEqual(audits, [
    { action: 'store_version', name: 'a', version: 2, by: null },
    { action: 'move_alias', name: 'a', alias: 'production', version: 1, by: null },
  ]);
});
