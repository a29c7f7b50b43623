/** Aliases, labels, lists, the guard against breaks, updates and differences, with SQLite and with PostgreSQL behind. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { npyFile } from '../formats/arrays.ts';
import { type Service, startService } from '../service.ts';
import { eachStore } from './each-store.ts';

const npy = { 'content-type': 'application/x-npy' };
const zscore = { method: 'zscore' };
const data = [
  [3, 5],
  [6, 10],
];

eachStore('versions in production', (kind) => {
  let service: Service;
  let replica: Service;
  before(async () => {
    const store = await kind.address();
    [service, replica] = await Promise.all([startService({ store, workers: 1 }), startService({ store, workers: 1 })]);
  });
  after(() => Promise.all([service.close(), replica.close()]));

  async function add(name: string, body: object = {}): Promise<number> {
    const answer = await service.post(`/v1/normalizers/${name}/versions`, { normalizer: zscore, data, ...body });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body.version;
  }

  const put = (name: string, alias: string, body: object, headers = {}) =>
    service.send('PUT', `/v1/normalizers/${name}/aliases/${alias}`, body, headers);

  async function codeOf(answer: Promise<{ status: number; body: any }>): Promise<[number, string]> {
    const { status, body } = await answer;
    return [status, body.code];
  }

  test('an alias stands wherever a version does, on every replica at once', async () => {
    for (const shift of [0, 10]) await add('aliased', { data: data.map((row) => row.map((value) => value + shift)) });
    const made = await put('aliased', 'production', { version: 1, if_version: null });
    assert.deepEqual(
      [made.status, made.headers.get('location'), made.headers.get('etag')],
      [201, '/v1/normalizers/aliased/aliases/production', '"1"'],
    );
    const path = '/v1/normalizers/aliased/versions/production';
    for (const version of [1, 2]) {
      assert.equal((await put('aliased', 'production', { version })).status, 200);
      const document = await replica.send('GET', path);
      assert.equal(document.headers.get('content-location'), `/v1/normalizers/aliased/versions/${version}`);
      const transformed = await replica.post(`${path}/transform`, { data });
      assert.equal(transformed.headers.get('norma-version'), String(version));
      assert.deepEqual(
        transformed.body.data,
        (await service.post(`/v1/normalizers/aliased/versions/${version}/transform`, { data })).body.data,
      );
      const inputs = [{ name: 'input', shape: [2, 2], datatype: 'FP64', data: data.flat() }];
      const inferred = await replica.post('/v2/models/aliased/versions/production/infer', { inputs });
      assert.equal(inferred.body.model_version, String(version));
      const exported = await replica.send('GET', `${path}/export?format=sklearn`);
      assert.equal(exported.status, 200);
      const merged = await replica.post('/v1/merge', { fitted: [{ name: 'aliased', version: 'production' }] });
      assert.deepEqual(merged.body.fitted, document.body);
    }
    const latest = await replica.send('GET', '/v1/normalizers/aliased/versions/latest');
    assert.equal(latest.headers.get('content-location'), '/v1/normalizers/aliased/versions/2');
  });

  test('an alias is moved only from where it is expected', async () => {
    for (let at = 0; at < 2; at++) await add('strict');
    assert.deepEqual(await codeOf(put('strict', 'a', { version: 1, if_version: 2 })), [412, 'precondition_failed']);
    assert.equal((await put('strict', 'a', { version: 1, if_version: null })).status, 201);
    assert.deepEqual(await codeOf(put('strict', 'a', { version: 2, if_version: null })), [412, 'precondition_failed']);
    assert.deepEqual(await codeOf(put('strict', 'a', { version: 2 }, { 'if-match': '"2"' })), [
      412,
      'precondition_failed',
    ]);
    assert.equal((await put('strict', 'a', { version: 2 }, { 'if-match': '"1"' })).status, 200);
    assert.equal((await service.send('GET', '/v1/normalizers/strict/aliases/a')).body.version, 2);
  });

  test('an alias is no number and not latest, and names what is there', async () => {
    await add('named');
    for (const alias of ['7', 'latest', '.x', 'a%20b'])
      assert.deepEqual(await codeOf(put('named', alias, { version: 1 })), [400, 'invalid_request'], alias);
    assert.deepEqual(await codeOf(put('named', 'a', { version: 2 })), [404, 'not_found']);
    assert.deepEqual(await codeOf(put('nothing', 'a', { version: 1 })), [404, 'not_found']);
    assert.deepEqual(await codeOf(service.send('GET', '/v1/normalizers/named/aliases/b')), [404, 'not_found']);
    assert.deepEqual(await codeOf(service.send('GET', '/v1/normalizers/named/versions/b')), [404, 'not_found']);
  });

  test('a version that an alias names stays', async () => {
    for (let at = 0; at < 2; at++) await add('held');
    await put('held', 'a', { version: 1 });
    for (const path of ['/versions/1', '/versions/a', ''])
      assert.deepEqual(await codeOf(service.send('DELETE', `/v1/normalizers/held${path}`)), [409, 'version_in_use']);
    assert.equal((await service.send('DELETE', '/v1/normalizers/held/versions/latest')).status, 204);
    assert.equal((await service.send('DELETE', '/v1/normalizers/held/aliases/a')).status, 204);
    assert.equal((await service.send('DELETE', '/v1/normalizers/held')).status, 204);
  });

  test('description and tags come with a version, and alone can change; the document cannot', async () => {
    await add('told', { description: 'first, "1"', tags: { team: 'risk', a: 'b' } });
    const path = '/v1/normalizers/told/versions/1';
    const info = (await service.send('GET', `${path}/info`)).body;
    assert.deepEqual(
      [info.description, info.tags, info.created_by, info.shape, info.n_samples_seen, info.aliases],
      ['first, "1"', { a: 'b', team: 'risk' }, null, [null, 2], 2, []],
    );
    const etag = (await service.send('GET', path)).headers.get('etag');
    const changed = await service.send('PATCH', path, { tags: { team: 'fraud' } });
    assert.deepEqual([changed.body.tags, changed.body.description], [{ team: 'fraud' }, 'first, "1"']);
    assert.equal((await service.send('PATCH', path, { description: null })).body.description, null);
    assert.deepEqual(await codeOf(service.send('PATCH', path, { method: 'minmax' })), [400, 'invalid_request']);
    assert.deepEqual(await codeOf(service.send('PATCH', path, {})), [400, 'invalid_request']);
    assert.equal((await service.send('GET', path)).headers.get('etag'), etag);
    const query = '?method=zscore&description=1,2&tags={"x":"y"}';
    const binary = await service.post(
      `/v1/normalizers/told/versions${query}`,
      npyFile('float64', [2, 2], [1, 2, 3, 4]),
      npy,
    );
    assert.equal(binary.status, 201, JSON.stringify(binary.body));
    const second = (await service.send('GET', '/v1/normalizers/told/versions/2/info')).body;
    assert.deepEqual([second.description, second.tags], ['1,2', { x: 'y' }]);
  });

  test('lists are filtered by tag, method and alias', async () => {
    const tricky = { 'te"am': 'risk', note: '{"team":"risk"' };
    await add('f-1', { tags: { team: 'risk' } });
    await add('f-2', { tags: tricky });
    await add('f-3', { normalizer: { method: 'minmax' }, tags: { a: 'b', team: 'risk' } });
    await add('f-3', { normalizer: { method: 'minmax' }, tags: { team: 'other' } });
    await put('f-3', 'filtered', { version: 1 });
    const names = async (query: string) =>
      (await service.send('GET', `/v1/normalizers?${query}`)).body.normalizers
        .filter(({ name }: { name: string }) => name.startsWith('f-'))
        .map(({ name, version }: { name: string; version: number }) => `${name} ${version}`);
    assert.deepEqual(await names('tag=team:risk'), ['f-1 1']);
    assert.deepEqual(await names('tag=te%22am:risk'), ['f-2 1']);
    assert.deepEqual(await names('method=minmax'), ['f-3 2']);
    assert.deepEqual(await names('alias=filtered'), ['f-3 1']);
    assert.deepEqual(await names('alias=filtered&tag=team:risk&method=minmax'), ['f-3 1']);
    assert.deepEqual(await names('alias=filtered&method=zscore'), []);
  });

  test('a version that takes other data is refused unless that is meant, and a dry run tells', async () => {
    await add('guarded');
    const wide = { normalizer: zscore, data: [[1, 2, 3]] };
    const path = '/v1/normalizers/guarded/versions';
    const refused = await service.post(path, wide);
    assert.deepEqual([refused.status, refused.body.code], [409, 'breaking_change']);
    assert.match(refused.body.detail, /shape was \(any, 2\) and is \(any, 3\)/);
    const dry = await service.post(path, { normalizer: { method: 'minmax' }, data, dry_run: true });
    assert.deepEqual(
      [dry.status, dry.body.version, dry.body.dry_run, dry.body.breaking_changes],
      [200, 2, true, ['The method was zscore and is minmax.']],
    );
    assert.equal(dry.body.diff.options[0].to, 'minmax');
    assert.equal((await service.send('GET', path)).body.versions.length, 1);
    assert.equal((await service.post(path, { ...wide, breaking: true })).body.version, 2);
  });

  test('updates at once, on two replicas, lose nothing', async () => {
    await add('updated', { tags: { team: 'risk' } });
    const values = Array.from({ length: 16 }, (_, at) => 2 ** at);
    await Promise.all(
      values.map(async (value, at) => {
        const { status, body } = await [service, replica][at % 2].post('/v1/normalizers/updated/update', {
          data: [[value, 0]],
        });
        assert.equal(status, 201, JSON.stringify(body));
      }),
    );
    const { body } = await service.send('GET', '/v1/normalizers/updated');
    const all = (await service.post('/v1/fit', { normalizer: zscore, data: [...data, ...values.map((x) => [x, 0])] }))
      .body;
    assert.equal(body.n_samples_seen, 18);
    for (const [at, mean] of body.parameters.mean.entries())
      assert.ok(Math.abs(mean - all.fitted.parameters.mean[at]) < 1e-9 * mean);
    const info = (await service.send('GET', '/v1/normalizers/updated/versions/latest/info')).body;
    assert.deepEqual([info.version, info.tags], [17, { team: 'risk' }]);
  });

  test('an update may name its base, take a document, and be strict', async () => {
    await add('based');
    const path = '/v1/normalizers/based/update';
    const { fitted } = (await service.post('/v1/fit', { normalizer: zscore, data: [[0, 1]] })).body;
    const update = (body: object, headers = {}) => service.post(path, { fitted, ...body }, headers);
    assert.equal((await update({})).body.fitted.n_samples_seen, 3);
    assert.equal((await update({ base: 1 })).body.fitted.n_samples_seen, 3);
    await put('based', 'a', { version: 1 });
    assert.equal((await update({ base: 'a' })).body.fitted.n_samples_seen, 3);
    assert.deepEqual(await codeOf(update({ if_version: 1 })), [412, 'precondition_failed']);
    const etag = (await service.send('GET', '/v1/normalizers/based')).headers.get('etag') as string;
    assert.equal((await update({}, { 'if-match': etag })).body.version, 5);
    assert.deepEqual(await codeOf(update({}, { 'if-match': etag })), [412, 'precondition_failed']);
    const dry = await update({ dry_run: true });
    assert.deepEqual([dry.status, dry.body.version, dry.body.fitted.n_samples_seen], [200, 6, 5]);
    assert.deepEqual(await codeOf(service.post(path, { data: [[1]] })), [422, 'shape_mismatch']);
    assert.deepEqual(await codeOf(service.post('/v1/normalizers/none/update', { data })), [404, 'not_found']);
  });

  test('what does not merge is not updated', async () => {
    for (const method of ['power', 'norm']) {
      await add(method, { normalizer: { method } });
      const refused = service.post(`/v1/normalizers/${method}/update`, { data });
      assert.deepEqual(await codeOf(refused), [422, 'not_mergeable'], method);
    }
  });

  test('the difference of two versions is told by column, in units of the older scale', async () => {
    await add('compared');
    await add('compared', {
      data: [
        [9, 5],
        [12, 10],
      ],
    });
    const { body } = await service.send('GET', '/v1/normalizers/compared/diff?from=1&to=latest');
    const mean = body.parameters.find(({ name }: { name: string }) => name === 'mean');
    assert.deepEqual([body.from, body.to, body.options, mean.n_changed], [1, 2, [], 1]);
    assert.deepEqual(mean.columns, [{ column: 0, from: 4.5, to: 10.5, change: 6, change_in_scale: 4 }]);
    const page = await service.send('GET', '/v1/normalizers/compared/diff?from=1', undefined, { accept: 'text/html' });
    assert.match(new TextDecoder().decode(page.body), /<h1>compared: version 1 to version 2<\/h1>/);
    assert.deepEqual(await codeOf(service.send('GET', '/v1/normalizers/compared/diff')), [400, 'invalid_request']);
  });
});
