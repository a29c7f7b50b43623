/** What one key, and all of them, may store, and what is deleted by itself. */
import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { after, before, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { readApiKeys } from '#access/api-keys.ts';
import { openStore } from '#store/store.ts';
import { type Service, startService } from '../service.ts';
import { eachStore } from './each-store.ts';

const bytes = (length: number) => new Uint8Array(length).fill(32);
const apiKeys = readApiKeys(['one', 'two'].map((name) => `${name}:admin:${hash('sha256', name)}`).join(' '));

eachStore('quotas', (kind) => {
  let service: Service;
  const normalizer = { method: 'minmax' };
  const data = [[1], [3]];
  before(async () => {
    const quotas = { all: { fits: 3 }, perKey: { names: 2, versions: 3, fits: 2, bytes: 20_000 } };
    service = await startService({ store: await kind.address(), workers: 1, apiKeys, quotas });
  });
  after(() => service.close());

  const send = (key: string, method: string, path: string, body?: object) =>
    service.send(method, path, body, { authorization: `Bearer ${key}` });
  const store = (key: string, name: string) =>
    send(key, 'POST', `/v1/normalizers/${name}/versions`, { normalizer, data });
  const begin = (key: string) => send(key, 'POST', '/v1/fits', { normalizer });

  test('are those of each key, say what is used up, and come back with what is deleted', async () => {
    for (const name of ['a', 'b', 'a']) assert.equal((await store('one', name)).status, 201);
    const third = await store('one', 'a');
    assert.deepEqual([third.status, third.body.code], [409, 'quota_exceeded']);
    assert.match(third.body.detail, /^This key may store up to 3 versions, and 3 are there\./);
    assert.equal((await send('one', 'DELETE', '/v1/normalizers/a/versions/1')).status, 204);
    assert.match((await store('one', 'c')).body.detail, /up to 2 names of normalizers/);
    assert.equal((await store('two', 'c')).status, 201);
    assert.equal((await store('two', 'a')).status, 201);
    assert.equal((await store('one', 'a')).status, 201);
  });

  test('of fits count those that are open, of one key and of all', async () => {
    const [first] = [await begin('one'), await begin('one')];
    assert.match((await begin('one')).body.detail, /This key may store up to 2 fits/);
    assert.equal((await begin('two')).status, 201);
    assert.match((await begin('two')).body.detail, /The store takes up to 3 fits/);
    assert.equal((await send('one', 'PUT', `/v1/fits/${first.body.id}/parts/a`, { data })).status, 200);
    assert.equal((await send('one', 'POST', `/v1/fits/${first.body.id}/commit`, {})).status, 200);
    assert.equal((await begin('two')).status, 201);
  });

  test('of bytes count documents and parts as they are stored', async () => {
    const { versions, fits, close } = await openStore(await kind.address(), assert.ifError, {
      quotas: { all: { bytes: 10_000 }, perKey: {} },
    });
    const add = (name: string, length: number) =>
      versions.add({ name, method: 'minmax', document: crypto.getRandomValues(bytes(length)) });
    await add('a', 3000);
    await fits.create({ id: 'fit', normalizer: '{}', ttlSeconds: 100 });
    const part = (length: number) => ({
      part: 'p',
      samples: 1,
      shape: '[]',
      document: crypto.getRandomValues(bytes(length)),
    });
    await fits.put('fit', part(4000), 100);
    await assert.rejects(add('b', 3500), { code: 'quota_exceeded', message: /10000 bytes, and 7000 are there/ });
    await assert.rejects(fits.put('fit', part(3500), 100), { code: 'quota_exceeded' });
    assert.equal((await fits.parts('fit')).length, 1);
    await fits.remove('fit');
    await add('b', 3500);
    await close();
  });
});

eachStore('retention', (kind) => {
  test('keeps the newest versions, and every one that an alias names', async () => {
    const { versions, aliases, sweep, close } = await openStore(await kind.address(), assert.ifError, {
      retention: { versions: 3 },
    });
    for (const name of ['a', 'b'])
      for (let at = 0; at < 6; at++) await versions.add({ name, method: 'minmax', document: bytes(2) });
    await aliases.move({ name: 'a', alias: 'live', version: 2, by: null });
    await Promise.all([sweep(), sweep()]);
    const numbersOf = async (name: string) => (await versions.list(name, 10)).map(({ version }) => version);
    assert.deepEqual(
      [await numbersOf('a'), await numbersOf('b')],
      [
        [2, 4, 5, 6],
        [4, 5, 6],
      ],
    );
    assert.equal(await versions.lastNumber('a'), 6);
    await close();
  });

  test('by age keeps the newest version, however old it is', async () => {
    const { versions, sweep, close } = await openStore(await kind.address(), assert.ifError, {
      retention: { age: 0.2 },
    });
    for (let at = 0; at < 3; at++) await versions.add({ name: 'a', method: 'minmax', document: bytes(2) });
    await wait(250);
    await versions.add({ name: 'b', method: 'minmax', document: bytes(2) });
    await versions.add({ name: 'b', method: 'minmax', document: bytes(2) });
    await sweep();
    assert.deepEqual(
      (await versions.names(10)).map(({ name, versions: count }) => [name, count]),
      [
        ['a', 1],
        ['b', 2],
      ],
    );
    await close();
  });
});
