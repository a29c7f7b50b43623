/** Fits in parts as their clients see them, with SQLite and with PostgreSQL behind two replicas. */
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { openStore } from '#store/store.ts';
import { npyFile, npyOf } from '../formats/arrays.ts';
import { seeded } from '../seeded.ts';
import { type Service, startService } from '../service.ts';
import { eachStore } from './each-store.ts';

const npy = { 'content-type': 'application/x-npy' };

eachStore('fits in parts', (kind) => {
  let service: Service;
  let replica: Service;
  before(async () => {
    const store = await kind.address();
    [service, replica] = await Promise.all([startService({ store, workers: 1 }), startService({ store, workers: 1 })]);
  });
  after(() => Promise.all([service.close(), replica.close()]));

  async function begin(normalizer: object): Promise<string> {
    const { status, body, headers } = await service.post('/v1/fits', { normalizer });
    assert.equal(status, 201, JSON.stringify(body));
    assert.equal(headers.get('location'), `/v1/fits/${body.id}`);
    return `/v1/fits/${body.id}`;
  }

  async function put(fit: string, part: string | number, data: unknown, more = {}, through = service) {
    const answer = await through.send('PUT', `${fit}/parts/${part}`, { data, ...more });
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  async function commit(fit: string, body: object = {}, through = service) {
    const answer = await through.post(`${fit}/commit`, body);
    assert.equal(answer.status, 200, JSON.stringify(answer.body));
    return answer.body;
  }

  const fitWhole = async (normalizer: object, data: unknown, more = {}) =>
    (await service.post('/v1/fit', { normalizer, data, ...more })).body.fitted;

  test('parts on either replica become the document of one fit, stored under a name', async () => {
    const normalizer = { method: 'zscore', ddof: 1 };
    const fit = await begin(normalizer);
    assert.deepEqual(await put(fit, 'b', [[4], [10]], {}, replica), {
      part: 'b',
      n_samples: 2,
      n_samples_seen: 2,
      warnings: [],
    });
    await put(fit, 'a', [[1]]);
    const seen = (await replica.send('GET', fit)).body;
    assert.deepEqual(
      seen.parts.map(({ part, n_samples: samples }: any) => [part, samples]),
      [
        ['a', 1],
        ['b', 2],
      ],
    );
    assert.deepEqual([seen.n_samples, seen.committed_at, seen.normalizer.method], [3, null, 'zscore']);
    const answer = await replica.post(`${fit}/commit`, { name: 'joined', expected_parts: 2 });
    assert.equal(answer.headers.get('location'), '/v1/normalizers/joined/versions/1');
    const { fitted, name, version, n_parts: parts } = answer.body;
    assert.deepEqual([name, version, parts], ['joined', 1, 2]);
    assert.deepEqual(fitted, await fitWhole(normalizer, [[1], [4], [10]], { profile: true }));
    assert.deepEqual((await service.send('GET', '/v1/normalizers/joined')).body, fitted);
    const after = (await service.send('GET', fit)).body;
    assert.deepEqual([after.name, after.version, after.n_samples], ['joined', 1, 3]);
    assert.ok(after.committed_at);
  });

  for (const [method, options] of [
    ['minmax', {}],
    ['zscore', { nan_policy: 'omit' }],
    ['maxabs', {}],
    ['mean_range', { columns: [-1, 0] }],
    ['norm', { axis: 0, order: 3 }],
    ['robust', { unit_variance: true }],
    ['quantile', { n_quantiles: 7 }],
  ] as const) {
    test(`${method} in parts equals ${method} at once`, async () => {
      const random = seeded(3);
      const rows = Array.from(
        { length: 90 },
        () => [random() * 10, random() - 5, 1e-3 * random()] as (number | null)[],
      );
      if ('nan_policy' in options) rows[7][1] = null;
      const fit = await begin({ method, ...options });
      for (const [part, from, to] of [
        [10, 60, 90],
        [2, 31, 60],
        [1, 0, 31],
      ])
        await put(fit, part, rows.slice(from, to));
      const { fitted } = await commit(fit);
      const whole = await fitWhole({ method, ...options }, rows);
      assert.deepEqual(
        [fitted.normalizer, fitted.input, fitted.n_samples_seen],
        [whole.normalizer, whole.input, whole.n_samples_seen],
      );
      assert.equal(fitted.approximate, whole.approximate);
      for (const [name, values] of Object.entries<unknown>(whole.parameters)) {
        const [expected, got] = [values, fitted.parameters[name]].map((list) => [list].flat(9) as number[]);
        expected.forEach((value, at) =>
          assert.ok(Math.abs(got[at] - value) <= 1e-12 * Math.max(1, Math.abs(value)), `${name} ${at}`),
        );
      }
      const { data } = (await service.post('/v1/transform', { fitted, data: rows })).body;
      assert.equal(data.length, 90);
    });
  }

  test('weights count, and a part may be a binary stream', async () => {
    const fit = await begin({ method: 'zscore' });
    await put(fit, 0, [[1], [5]], { sample_weight: [3, 1] });
    const values = new Float64Array(300_000).map((_, at) => at % 7);
    const answer = await service.send('PUT', `${fit}/parts/1`, npyOf(values, [300_000, 1]), npy);
    assert.deepEqual([answer.status, answer.body.n_samples_seen], [200, 300_000]);
    const weighted = await service.send(
      'PUT',
      `${fit}/parts/2?sample_weight=2,0`,
      npyFile('float64', [2, 1], [4, 7]),
      npy,
    );
    assert.equal(weighted.body.n_samples_seen, 2);
    const { fitted } = await commit(fit);
    assert.equal(fitted.n_samples_seen, 300_006);
    const sum = values.reduce((a, b) => a + b, 0) + 3 + 5 + 8;
    assert.ok(Math.abs(fitted.parameters.mean[0] - sum / 300_006) < 1e-12);
  });

  test('a part sent again replaces itself', async () => {
    const fit = await begin({ method: 'maxabs' });
    await put(fit, 0, [[100, 200, 300]]);
    await put(fit, 0, [[1], [2]], {}, replica);
    await put(fit, 1, [[3]]);
    await put(fit, 1, [[3]], {}, replica);
    const { fitted } = await commit(fit, { expected_parts: [0, '1'] });
    assert.deepEqual([fitted.n_samples_seen, fitted.parameters.max_abs], [3, [3]]);
  });

  test('a slice that is constant in a part only is no error, but one that is constant in all of them is', async () => {
    const fit = await begin({ method: 'minmax', on_constant: 'error' });
    await put(fit, 0, [[1, 5]]);
    const refused = await service.post(`${fit}/commit`, {});
    assert.deepEqual([refused.status, refused.body.code], [422, 'constant_slices']);
    await put(fit, 1, [[2, 6]]);
    const { fitted } = await commit(fit);
    assert.deepEqual([fitted.normalizer.on_constant, fitted.parameters.data_range], ['error', [1, 1]]);
  });

  describe('a commit', () => {
    test('again answers the same, on any replica, and no part comes after it', async () => {
      const fit = await begin({ method: 'minmax' });
      await put(fit, 0, [[1], [2]]);
      const first = await commit(fit, { name: 'again' });
      for (const body of [{ name: 'again' }, {}]) assert.deepEqual(await commit(fit, body, replica), first);
      assert.deepEqual((await replica.send('POST', `${fit}/commit`)).body, first);
      const renamed = await service.post(`${fit}/commit`, { name: 'other' });
      assert.deepEqual([renamed.status, renamed.body.errors[0].pointer], [409, '/name']);
      const late = await replica.send('PUT', `${fit}/parts/1`, { data: [[3]] });
      assert.deepEqual([late.status, late.body.code], [409, 'conflict']);
      assert.equal((await service.send('GET', '/v1/normalizers/again/versions')).body.versions.length, 1);
    });

    test('names the parts that are missing, and those that are not expected', async () => {
      const fit = await begin({ method: 'minmax' });
      for (const part of [0, 'x']) await put(fit, part, [[1], [2]]);
      const refused: [unknown, RegExp][] = [
        [3, /There are 2 parts, but 3 are expected/],
        [1, /There are 2 parts, but 1 are expected/],
        [['0', 'x', 'lost'], /missing: "lost"\./],
        [[0], /Unexpected parts: "x"\./],
        [Array.from({ length: 5000 }, (_, at) => String(at)), /missing: "1", "2", .* and 4990 more\./],
      ];
      for (const [expected, message] of refused) {
        const { status, body } = await service.post(`${fit}/commit`, { expected_parts: expected });
        assert.equal(status, 409);
        assert.match(body.detail, message);
      }
      await commit(fit, { expected_parts: 2 });
    });

    test('by many at once stores one version, and answers them all the same', async () => {
      const fit = await begin({ method: 'minmax' });
      for (let part = 0; part < 5; part++) await put(fit, part, [[part], [1]]);
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, at) => commit(fit, { name: 'crowd' }, at % 2 ? service : replica)),
      );
      for (const answer of answers) assert.deepEqual(answer, answers[0]);
      assert.equal((await service.send('GET', '/v1/normalizers/crowd/versions')).body.versions.length, 1);
    });

    test('while parts come has every part in it that was acknowledged before, and refuses the others', async () => {
      const fit = await begin({ method: 'maxabs' });
      await put(fit, 0, [[1]]);
      const parts = Array.from({ length: 30 }, (_, at) =>
        (at % 2 ? service : replica).send('PUT', `${fit}/parts/${at + 1}`, { data: [[1]] }),
      );
      await Promise.race(parts);
      const committed = service.post(`${fit}/commit`, {});
      const statuses = (await Promise.all(parts)).map(({ status }) => status);
      const { status, body } = await committed;
      if (status === 409) return;
      assert.equal(status, 200, JSON.stringify(body));
      const kept = statuses.filter((one) => one === 200).length;
      assert.deepEqual(
        statuses.filter((one) => one !== 200 && one !== 409),
        [],
      );
      assert.deepEqual([body.n_parts, body.fitted.n_samples_seen], [kept + 1, kept + 1]);
    });

    test('with an Idempotency-Key is a conflict under another body', async () => {
      const fit = await begin({ method: 'minmax' });
      await put(fit, 0, [[1], [2]]);
      const key = { 'idempotency-key': `commit ${fit}` };
      const first = await service.post(`${fit}/commit`, { name: 'keyed' }, key);
      assert.deepEqual((await replica.post(`${fit}/commit`, { name: 'keyed' }, key)).body, first.body);
      assert.equal((await service.post(`${fit}/commit`, { name: 'other' }, key)).status, 409);
    });
  });

  test('beginning with an Idempotency-Key begins one fit', async () => {
    const request = { normalizer: { method: 'minmax' } };
    const key = { 'idempotency-key': 'begin' };
    const ids = await Promise.all([service, replica, service].map((one) => one.post('/v1/fits', request, key)));
    assert.equal(new Set(ids.map(({ body }) => body.id)).size, 1);
    assert.match(ids[0].body.id, /^[\w-]{24}$/);
  });

  test('a fit that is given up is gone with its parts', async () => {
    const fit = await begin({ method: 'minmax' });
    await put(fit, 0, [[1]]);
    assert.equal((await replica.send('DELETE', fit)).status, 204);
    for (const [method, path, body] of [
      ['GET', fit, undefined],
      ['DELETE', fit, undefined],
      ['PUT', `${fit}/parts/1`, { data: [[1]] }],
      ['POST', `${fit}/commit`, {}],
    ] as const)
      assert.equal((await service.send(method, path, body)).status, 404, method);
  });

  test('what cannot be is refused with its place', async () => {
    const fit = await begin({ method: 'zscore' });
    await put(fit, 0, [[1, 2]]);
    const empty = await begin({ method: 'zscore' });
    const rows = await begin({ method: 'zscore', axis: -1 });
    const data = [[1, 2]];
    const refused: [string, string, unknown, number, string | undefined][] = [
      ['POST', '/v1/fits', { normalizer: { method: 'power' } }, 422, '/normalizer/method'],
      ['POST', '/v1/fits', { normalizer: { method: 'affine' } }, 422, '/normalizer/method'],
      ['POST', '/v1/fits', { normalizer: { method: 'zscore', axis: 1 } }, 422, '/normalizer/axis'],
      ['POST', '/v1/fits', { normalizer: { method: 'zscore', axes: 1 } }, 400, '/normalizer/axes'],
      ['POST', '/v1/fits', { normalizer: { method: 'zscore' }, data }, 400, '/data'],
      ['POST', '/v1/fits', undefined, 400, '/normalizer'],
      ['PUT', `${rows}/parts/0`, { data }, 422, '/normalizer/axis'],
      ['PUT', `${fit}/parts/1`, { data: [[1, 2, 3]] }, 422, '/data'],
      ['PUT', `${fit}/parts/1`, { data: [1] }, 422, '/data'],
      ['PUT', `${fit}/parts/1`, { data: [] }, 422, undefined],
      ['PUT', `${fit}/parts/1`, { data: [[1, null]] }, 422, '/data/0/1'],
      ['PUT', `${fit}/parts/1`, {}, 400, '/data'],
      ['PUT', `${fit}/parts/1`, { data, normalizer: { method: 'zscore' } }, 400, '/normalizer'],
      ['PUT', `${fit}/parts/1?method=zscore`, { data }, 400, '/normalizer'],
      ['PUT', `${fit}/parts/${'p'.repeat(201)}`, { data }, 400, '/part'],
      ['PUT', `${fit}/parts/a%00b`, { data }, 400, '/part'],
      ['PUT', `/v1/fits/${'A'.repeat(24)}/parts/1`, { data }, 404, undefined],
      ['GET', '/v1/fits/%00', undefined, 404, undefined],
      ['POST', `${fit}/commit`, { name: 'a/b' }, 400, '/name'],
      ['POST', `${fit}/commit`, { expected_parts: 0 }, 400, '/expected_parts'],
      ['POST', `${fit}/commit`, { expected_parts: ['0', {}] }, 400, '/expected_parts/1'],
      ['POST', `${fit}/commit`, { names: 'a' }, 400, '/names'],
      ['POST', `${fit}/commit`, { data }, 400, '/data'],
      ['POST', `${empty}/commit`, {}, 422, undefined],
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
    assert.equal((await service.send('GET', fit)).body.parts.length, 1);
  });

  test('any name will do for a part, and none is taken for another', async () => {
    const fit = await begin({ method: 'maxabs' });
    const names = ['10', '9', '009', 'part-10', 'part-9', 'a/b', 'é', '日本', ' ', '%', 'A', 'a', '🎉'];
    for (const name of names) await put(fit, encodeURIComponent(name), [[1]]);
    const listed = (await service.send('GET', fit)).body.parts.map(({ part }: { part: string }) => part);
    assert.deepEqual(listed, ['009', '9', '10', ' ', '%', 'A', 'a', 'a/b', 'part-10', 'part-9', 'é', '日本', '🎉']);
    assert.equal((await commit(fit, { expected_parts: names })).n_parts, names.length);
  });
});

eachStore('a fit that nobody commits', (kind) => {
  test('expires, later with each part, and is swept with its parts', async () => {
    const { fits, sweep, close } = await openStore(await kind.address(), (error) => assert.fail(String(error)));
    const part = { part: '0', samples: 1, shape: '[null]', document: new TextEncoder().encode('{}') };
    try {
      for (const id of ['left', 'kept']) await fits.create({ id, normalizer: '{}', ttlSeconds: 60 });
      assert.equal(await fits.put('kept', part, 60), 'kept');
      assert.equal(await fits.put('left', part, -0.001), 'kept');
      assert.equal(await fits.find('left'), undefined);
      assert.equal(await fits.put('left', part, 60), 'no fit');
      assert.equal((await fits.parts('left')).length, 1);
      await Promise.all([sweep(), sweep()]);
      assert.equal((await fits.parts('left')).length, 0);
      assert.equal((await fits.parts('kept')).length, 1);
      assert.ok(await fits.find('kept'));
    } finally {
      await close();
    }
  });

  test('is not there any more after NORMA_FIT_TTL', async () => {
    const service = await startService({ store: await kind.address(), workers: 1, fitLifetime: 0.001 });
    const { id } = (await service.post('/v1/fits', { normalizer: { method: 'minmax' } })).body;
    await wait(10);
    assert.equal((await service.send('GET', `/v1/fits/${id}`)).status, 404);
    assert.equal((await service.send('PUT', `/v1/fits/${id}/parts/0`, { data: [[1]] })).status, 404);
    await service.close();
  });
});
