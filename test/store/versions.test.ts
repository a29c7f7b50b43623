import assert from 'node:assert/strict';
import { createHash, randomBytes } from 'node:crypto';
import { test } from 'node:test';
import type { StoreAddress } from '#store/address.ts';
import { openStore, type Store } from '#store/store.ts';
import { eachStore } from './each-store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const fail = (error: unknown) => assert.fail(String(error));

eachStore('versions', (kind) => {
  async function using(work: (store: Store, address: StoreAddress) => Promise<void>): Promise<void> {
    const address = await kind.address();
    const store = await openStore(address, fail);
    try {
      await work(store, address);
    } finally {
      await store.close();
    }
  }

  async function add(store: Store, name: string, document = '{}'): Promise<number> {
    const created = await store.versions.add({ name, method: 'minmax', document: bytes(document) });
    return 'made' in created ? created.made.version : assert.fail('nothing was made');
  }

  test('a document comes back byte by byte, small or of megabytes', () =>
    using(async (store) => {
      const documents = ['{"mean":[0.1]}', `{"state":"${randomBytes(3_000_000).toString('base64')}"}`];
      for (const document of documents) {
        const version = await add(store, 'a', document);
        const read = await store.versions.read('a', version);
        assert.ok(Buffer.from(document).equals(read as Uint8Array));
        const digest = createHash('sha256').update(document).digest('base64url');
        assert.deepEqual((await store.versions.find('a', version))?.digest, digest);
      }
    }));

  test('numbers count up for each name and are not used again, whatever was deleted', () =>
    using(async (store) => {
      assert.deepEqual([await add(store, 'a'), await add(store, 'a'), await add(store, 'b')], [1, 2, 1]);
      assert.equal(await store.versions.remove('a', 2), 'removed');
      assert.equal(await add(store, 'a'), 3);
      assert.equal(await store.versions.remove('a'), 'removed');
      assert.equal(await store.versions.remove('a'), 'nothing');
      assert.equal(await store.versions.find('a'), undefined);
      assert.equal(await store.versions.read('a', 1), undefined);
      assert.equal(await add(store, 'a'), 4);
    }));

  test('without a number the newest version that is still there is found', () =>
    using(async (store) => {
      for (let at = 0; at < 3; at++) await add(store, 'a');
      await store.versions.remove('a', 3);
      assert.equal((await store.versions.find('a'))?.version, 2);
      assert.deepEqual(
        (await store.versions.list('a', 10)).map(({ version }) => version),
        [1, 2],
      );
      assert.deepEqual(
        (await store.versions.list('a', 10, 1)).map(({ version }) => version),
        [2],
      );
    }));

  test('names are listed in the order of their bytes, page by page, those without versions left out', () =>
    using(async (store) => {
      for (const name of ['b', 'a', '_', 'B', 'a.1', 'a-1', 'gone', 'b']) await add(store, name);
      await store.versions.remove('gone');
      const listed: string[] = [];
      for (let after: string | undefined; ; ) {
        const page = await store.versions.names(2, after);
        if (page.length === 0) break;
        listed.push(...page.map(({ name, version, versions }) => `${name} ${version} ${versions}`));
        after = page.at(-1)?.name;
      }
      assert.deepEqual(listed, ['B 1 1', '_ 1 1', 'a 1 1', 'a-1 1 1', 'a.1 1 1', 'b 2 2']);
    }));

  test('what was added is there when the store is opened again', () =>
    using(async (store, address) => {
      await add(store, 'a', '{"kept":true}');
      await store.close();
      const again = await openStore(address, fail);
      assert.deepEqual(Buffer.from((await again.versions.read('a', 1)) ?? ''), Buffer.from('{"kept":true}'));
      await again.close();
    }));

  test('an answer is kept with what it tells of, and a second creation under its key makes nothing', () =>
    using(async (store) => {
      const once = (digest: string) => ({
        key: 'k',
        digest,
        ttlSeconds: 60,
        answer: ({ version }: { version: number }) => ({
          status: 201,
          location: '/there',
          body: bytes(`{"version":${version}}`),
        }),
      });
      const document = { name: 'a', method: 'minmax', document: bytes('{}') };
      const created = await Promise.all([1, 2, 3, 4].map(() => store.versions.add(document, once('d'))));
      assert.equal(created.filter((one) => 'made' in one).length, 1);
      const kept = { digest: 'd', status: 201, location: '/there', body: bytes('{"version":1}') };
      for (const one of created)
        if ('kept' in one) assert.deepEqual({ ...one.kept, body: new Uint8Array(one.kept.body) }, kept);
      assert.equal((await store.versions.list('a', 10)).length, 1);
    }));

  test('a key is free again when its answer has expired', () =>
    using(async (store) => {
      const once = (milliseconds: number) => ({
        key: 'k',
        digest: 'd',
        ttlSeconds: milliseconds / 1000,
        answer: () => ({ status: 201, location: null, body: bytes('{}') }),
      });
      const document = { name: 'a', method: 'minmax', document: bytes('{}') };
      assert.ok('made' in (await store.versions.add(document, once(-1))));
      assert.equal(await store.answers.find('k'), undefined);
      assert.ok('made' in (await store.versions.add(document, once(60_000))));
      assert.ok('kept' in (await store.versions.add(document, once(60_000))));
    }));
});
