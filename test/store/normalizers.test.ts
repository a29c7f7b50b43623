/** Stored normalizers as a client sees them, with SQLite and with PostgreSQL behind. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { elementsOf, npyFile, readNpy } from '../formats/arrays.ts';
import { type Service, startService } from '../service.ts';
import { eachStore } from './each-store.ts';

const npy = { 'content-type': 'application/x-npy' };
const normalizer = { method: 'minmax' };
const data = [
  [3, 5],
  [6, 10],
];

eachStore('stored normalizers', (kind) => {
  let service: Service;
  let replica: Service;
  before(async () => {
    const store = await kind.address();
    [service, replica] = await Promise.all([startService({ store, workers: 1 }), startService({ store, workers: 1 })]);
  });
  after(() => Promise.all([service.close(), replica.close()]));

  const versionsOf = (name: string) => `/v1/normalizers/${name}/versions`;

  async function add(name: string, body: object = { normalizer, data }, headers = {}) {
    const answer = await service.post(versionsOf(name), body, headers);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer;
  }

  test('what is fitted and stored is the document of /v1/fit, and its place is told', async () => {
    const { body: fit } = await service.post('/v1/fit', { normalizer, data, profile: true });
    const { body, headers } = await add('a');
    assert.equal(headers.get('location'), `${versionsOf('a')}/1`);
    const { name, version, created_at: createdAt, ...rest } = body;
    assert.deepEqual([name, version, rest], ['a', 1, fit]);
    assert.ok(Math.abs(Date.parse(createdAt) - Date.now()) < 60_000);
    for (const path of ['/v1/normalizers/a', `${versionsOf('a')}/1`]) {
      const got = await replica.send('GET', path);
      assert.equal(got.headers.get('content-location'), `${versionsOf('a')}/1`);
      assert.deepEqual(got.body, fit.fitted);
    }
  });

  test('only what is asked for comes back, but the document is stored whole', async () => {
    const { body } = await add('included', { normalizer, data, include: [] });
    assert.deepEqual(Object.keys(body), ['name', 'version', 'created_at', 'warnings']);
    assert.equal((await service.send('GET', '/v1/normalizers/included')).body.n_samples_seen, 2);
  });

  test('a binary body is fitted and stored, its options in the query', async () => {
    const { body } = await service.post(`${versionsOf('npy')}?method=zscore`, npyFile('float64', [2, 1], [1, 3]), npy);
    assert.deepEqual([body.version, body.fitted.parameters.mean], [1, [2]]);
  });

  for (const method of ['minmax', 'zscore', 'norm', 'maxabs', 'mean_range', 'robust', 'quantile', 'power', 'affine']) {
    test(`a document of ${method} is kept bit by bit, and applied like /v1/transform applies it`, async () => {
      const values = [
        [0.1, 1 / 3],
        [1e-17, 12345.678],
        [7, -1e10],
      ];
      const positive = method === 'power' ? values.map((row) => row.map((value) => Math.abs(value) % 9)) : values;
      const { fitted } = (await service.post('/v1/fit', { normalizer: { method }, data: positive })).body;
      await add(method, { fitted });
      assert.deepEqual((await service.send('GET', `/v1/normalizers/${method}`)).body, fitted);
      const path = `/v1/normalizers/${method}/transform`;
      const expected = await service.post('/v1/transform', { fitted, data: positive });
      const transformed = await replica.post(path, { data: positive });
      assert.deepEqual([transformed.status, transformed.body], [200, expected.body]);
      assert.equal(transformed.headers.get('norma-version'), '1');
      const file = npyFile('float64', [3, 2], positive.flat());
      const binary = await replica.post(path, file, { ...npy, accept: npy['content-type'] });
      assert.deepEqual(elementsOf('float64', readNpy(binary.body).data), expected.body.data.flat());
      const request = { data: expected.body.data };
      const back = await service.post(`${versionsOf(method)}/1/inverse-transform`, request);
      assert.deepEqual(back.body, (await service.post('/v1/inverse-transform', { fitted, ...request })).body);
    });
  }

  test('without a version the newest is applied, from the moment on that it is there, on every replica', async () => {
    const apply = async () => (await replica.post('/v1/normalizers/newest/transform', { data: [[2]] })).body.data[0][0];
    await add('newest', { normalizer, data: [[0], [2]] });
    assert.equal(await apply(), 1);
    await add('newest', { normalizer, data: [[0], [4]] });
    assert.equal(await apply(), 0.5);
    assert.equal((await service.send('DELETE', `${versionsOf('newest')}/2`)).status, 204);
    assert.equal(await apply(), 1);
    const first = await replica.post(`${versionsOf('newest')}/1/transform`, { data: [[2]] });
    assert.equal(first.body.data[0][0], 1);
  });

  test('what is deleted is not applied any more, whatever a replica has in memory, and its number is not used again', async () => {
    const data = [[1], [2]];
    for (let version = 1; version <= 2; version++) await add('gone', { normalizer, data });
    for (const path of ['/v1/normalizers/gone/transform', `${versionsOf('gone')}/2/transform`])
      assert.equal((await replica.post(path, { data })).status, 200);
    assert.equal((await service.send('DELETE', '/v1/normalizers/gone')).status, 204);
    for (const path of ['/v1/normalizers/gone/transform', `${versionsOf('gone')}/2/transform`])
      assert.equal((await replica.post(path, { data })).status, 404);
    assert.equal((await service.send('DELETE', '/v1/normalizers/gone')).status, 404);
    assert.equal((await service.send('GET', '/v1/normalizers/gone')).status, 404);
    assert.equal((await add('gone')).body.version, 3);
  });

  describe('an ETag', () => {
    test('is strong, belongs to one version, and answers 304 to who has it', async () => {
      await add('tagged');
      const path = '/v1/normalizers/tagged';
      const first = await service.send('GET', path, undefined, { 'accept-encoding': 'gzip, br' });
      const etag = first.headers.get('etag') ?? '';
      assert.match(etag, /^"[^"]+"$/);
      assert.equal(first.headers.get('content-encoding'), null);
      for (const known of [etag, `"other", W/${etag}`, '*']) {
        const again = await replica.send('GET', path, undefined, { 'if-none-match': known });
        assert.deepEqual([again.status, again.headers.get('etag')], [304, etag]);
        assert.equal(again.body.length, 0);
      }
      await add('tagged');
      const changed = await service.send('GET', path, undefined, { 'if-none-match': etag });
      assert.equal(changed.status, 200);
      assert.notEqual(changed.headers.get('etag'), etag);
      const old = await service.send('GET', `${versionsOf('tagged')}/1`, undefined, { 'if-none-match': etag });
      assert.equal(old.status, 304);
    });

    test('of a deleted version says 404, not 304', async () => {
      await add('untagged');
      const etag = (await service.send('GET', '/v1/normalizers/untagged')).headers.get('etag') ?? '';
      await service.send('DELETE', '/v1/normalizers/untagged');
      const again = await service.send('GET', '/v1/normalizers/untagged', undefined, { 'if-none-match': etag });
      assert.equal(again.status, 404);
    });
  });

  describe('an Idempotency-Key', () => {
    const key = (name: string) => ({ 'idempotency-key': name });

    test('answers the repeated request the same, on any replica, and stores nothing more', async () => {
      const first = await add('once', undefined, key('a'));
      const again = await replica.post(versionsOf('once'), { normalizer, data }, key('a'));
      assert.deepEqual([again.status, again.body], [201, first.body]);
      assert.equal(again.headers.get('location'), first.headers.get('location'));
      assert.equal(again.headers.get('idempotency-replayed'), 'true');
      assert.equal((await add('once')).body.version, 2);
    });

    test('with quotes, as the draft has it, is the same key', async () => {
      const first = await add('quoted', undefined, key('"q"'));
      assert.deepEqual((await add('quoted', undefined, key('q'))).body, first.body);
    });

    test('that was used for another body or path is a conflict', async () => {
      await add('other', undefined, key('b'));
      for (const [path, body] of [
        [versionsOf('other'), { normalizer, data: [[1], [2]] }],
        [versionsOf('another'), { normalizer, data }],
      ] as const) {
        const refused = await service.post(path, body, key('b'));
        assert.deepEqual([refused.status, refused.body.code], [409, 'conflict']);
      }
    });

    test('is free after a request that failed', async () => {
      const failed = await service.post(versionsOf('tried'), { normalizer, data: [] }, key('c'));
      assert.equal(failed.status, 422);
      assert.equal((await add('tried', undefined, key('c'))).body.version, 1);
    });

    test('of requests that come at once stores one version, and answers them all the same', async () => {
      const answers = await Promise.all(
        Array.from({ length: 12 }, (_, at) =>
          (at % 2 ? service : replica).post(versionsOf('race'), { normalizer, data }, key('d')),
        ),
      );
      for (const { status, body } of answers) assert.deepEqual([status, body], [201, answers[0].body]);
      assert.equal((await service.send('GET', versionsOf('race'))).body.versions.length, 1);
    });

    test('guards a body that streams, too', async () => {
      const file = npyFile('float64', [200_000, 1], new Array<number>(200_000).fill(1.5));
      const path = `${versionsOf('streamed')}?method=maxabs`;
      const first = await service.post(path, file, { ...npy, ...key('e') });
      assert.equal(first.status, 201);
      assert.deepEqual((await replica.post(path, file, { ...npy, ...key('e') })).body, first.body);
      file[file.length - 1] ^= 1;
      assert.equal((await service.post(path, file, { ...npy, ...key('e') })).status, 409);
    });

    test('that is empty or too long is refused', async () => {
      for (const given of ['""', 'k'.repeat(256)])
        assert.equal((await service.post(versionsOf('refused'), { normalizer, data }, key(given))).status, 400);
    });
  });

  test('lists come in pages that leave nothing out', async () => {
    for (const name of ['p', 'p.1', 'p-2', 'p_3', 'p']) await add(name);
    const names: string[] = [];
    let cursor: string | null = '';
    for (let pages = 0; cursor !== null; pages++) {
      assert.ok(pages < 100);
      const path: string = `/v1/normalizers?limit=2${cursor && `&cursor=${cursor}`}`;
      const { body, headers } = await service.send('GET', path);
      names.push(...body.normalizers.map(({ name }: { name: string }) => name));
      cursor = body.next_cursor;
      assert.equal(headers.get('link')?.includes(cursor as string) ?? null, cursor && true);
    }
    assert.deepEqual(names, [...new Set(names)].sort());
    assert.deepEqual(
      names.filter((name) => name.startsWith('p') && name.length < 4 && name !== 'pow'),
      ['p', 'p-2', 'p.1', 'p_3'],
    );
    const { versions } = (await service.send('GET', `${versionsOf('p')}?limit=1`)).body;
    assert.deepEqual([versions.length, versions[0].version], [1, 1]);
  });

  test('under sample scope new samples are treated by themselves', async () => {
    await add('rows', { normalizer: { method: 'norm' }, data });
    const { body } = await service.post('/v1/normalizers/rows/transform', { data: [[3, 4]] });
    assert.deepEqual([body.data, body.fitted.parameters.norms], [[[0.6, 0.8]], [5]]);
  });

  test('what cannot be is refused with its place', async () => {
    const { fitted } = (await service.post('/v1/fit', { normalizer, data })).body;
    const long = 'n'.repeat(129);
    const refused: [string, string, unknown, number, string | undefined][] = [
      ['POST', versionsOf('.hidden'), { fitted }, 400, '/name'],
      ['POST', versionsOf(long), { fitted }, 400, '/name'],
      ['POST', versionsOf('%00'), { fitted }, 400, '/name'],
      ['POST', versionsOf('bad'), {}, 400, ''],
      ['POST', versionsOf('bad'), { normalizer }, 400, '/data'],
      ['POST', versionsOf('bad'), { fitted, data }, 400, '/fitted'],
      ['POST', versionsOf('bad'), { fitted, normalizer }, 400, '/normalizer'],
      ['POST', versionsOf('bad'), { fitted: { ...fitted, scope: 'sample' } }, 400, '/fitted/scope'],
      ['POST', versionsOf('bad'), { normalizer: { method: 'minmax', axes: 0 }, data }, 400, '/normalizer/axes'],
      ['POST', versionsOf('bad'), { normalizer, data: [[1], [null]] }, 422, '/data/1/0'],
      ['GET', '/v1/normalizers/bad', undefined, 404, undefined],
      ['GET', '/v1/normalizers/%00', undefined, 404, undefined],
      ['GET', `/v1/normalizers/${long}`, undefined, 404, undefined],
      ['GET', versionsOf('bad'), undefined, 404, undefined],
      ['POST', '/v1/normalizers/bad/transform', { data }, 404, undefined],
      ['GET', `${versionsOf('a')}/9`, undefined, 404, undefined],
      ['GET', `${versionsOf('a')}/0`, undefined, 404, undefined],
      ['GET', `${versionsOf('a')}/1.0`, undefined, 404, undefined],
      ['GET', `${versionsOf('a')}/99999999999`, undefined, 404, undefined],
      ['DELETE', `${versionsOf('a')}/9`, undefined, 404, undefined],
      ['GET', '/v1/normalizers?limit=0', undefined, 400, '/limit'],
      ['GET', '/v1/normalizers?limit=many', undefined, 400, '/limit'],
      ['GET', '/v1/normalizers?page=2', undefined, 400, '/page'],
      ['GET', '/v1/normalizers?cursor=x', undefined, 400, '/cursor'],
      ['GET', `/v1/normalizers?cursor=${Buffer.from('"\\u0000"').toString('base64url')}`, undefined, 400, '/cursor'],
      ['POST', '/v1/normalizers/a/transform', { data, fitted }, 400, '/fitted'],
      ['POST', '/v1/normalizers/a/transform', { data: [[1]] }, 422, '/data'],
    ];
    for (const [method, path, body, status, pointer] of refused) {
      const answer = await service.send(method, path, body);
      const { errors } = answer.body;
      assert.deepEqual(
        [answer.status, errors?.[0].pointer],
        [status, pointer],
        `${path}: ${JSON.stringify(answer.body)}`,
      );
    }
  });

  test('a document over the limit is not stored', async () => {
    const small = await startService({ store: await kind.address(), workers: 1, bodyLimit: 4000 });
    const file = npyFile('float64', [1, 200], new Array<number>(200).fill(1.5));
    const { status, body } = await small.post(`${versionsOf('wide')}?method=minmax`, file, npy);
    assert.deepEqual([status, body.code], [413, 'body_too_large']);
    assert.equal((await small.send('GET', '/v1/normalizers/wide')).status, 404);
    await small.close();
  });
});
