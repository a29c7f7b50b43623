/** A disk that is full: what is there can be read, nothing is half stored, and storing goes on when there is room. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { Writable } from 'node:stream';
import { test, type TestContext } from 'node:test';
import type { StoreAddress } from '#store/address.ts';
import { openStore, type Store } from '#store/store.ts';
import { noSmallDisk, type SmallDisk, smallDisk } from '../faults/small-disk.ts';
import { type Answer, startService } from '../service.ts';
import { noPostgres, startPostgres } from './postgres.ts';

const normalizer = { method: 'minmax' };

/** What is learned of them takes about 400 kB and packs badly. */
const wide = [0, 1].map((row) => Array.from({ length: 10_000 }, (_, at) => Math.sin(at + row)));

function isFull({ status, headers, body }: Answer): void {
  assert.deepEqual([status, body.code], [503, 'unavailable'], JSON.stringify(body));
  assert.match(body.detail, /store is full/);
  assert.match(headers.get('retry-after') ?? '', /^\d+$/);
  assert.doesNotMatch(JSON.stringify(body), /sqlite|postgres|disk|errcode/i);
}

/** Fills the disk under a store, and gives the room back. */
async function fillAndClear(disk: SmallDisk, address: StoreAddress): Promise<void> {
  const lines: string[] = [];
  const log = new Writable({
    write(line, _encoding, done) {
      lines.push(String(line));
      done();
    },
  });
  const service = await startService({ store: address, workers: 1, logLevel: 'warn' }, undefined, log);
  const { post, send } = service;
  const store = (name: string, key: string) =>
    post(`/v1/normalizers/${name}/versions`, { normalizer, data: wide }, { 'idempotency-key': key });
  try {
    const { body: fit } = await post('/v1/fits', { normalizer });
    const part = (name: string) => send('PUT', `/v1/fits/${fit.id}/parts/${name}`, { data: wide });
    const commit = () => post(`/v1/fits/${fit.id}/commit`, { name: 'c', expected_parts: 2 });
    for (const name of ['one', 'two']) assert.equal((await part(name)).status, 200);
    assert.equal((await post('/v1/normalizers/a/versions', { normalizer, data: [[1], [3]] })).status, 201);

    disk.fill();
    // Room that the file has already, or its log, is used before.
    let last: Answer | undefined;
    let stored = 0;
    for (; stored < 50; stored++) {
      last = await store('b', `b${stored}`);
      if (last.status !== 201) break;
    }
    isFull(last as Answer);
    isFull(await part('two'));
    isFull(await commit());
    isFull(await store('d', 'd'));
    const { body: there } = await send('GET', '/v1/normalizers');
    const versions = (there.normalizers as { name: string; versions: number }[]).map((one) => [one.name, one.versions]);
    assert.deepEqual(
      versions,
      stored > 0
        ? [
            ['a', 1],
            ['b', stored],
          ]
        : [['a', 1]],
    );
    assert.deepEqual((await post('/v1/normalizers/a/transform', { data: [[2]] })).body.data, [[0.5]]);
    assert.equal((await post('/v1/normalize', { normalizer, data: [[1], [3]] })).status, 200);
    // Only storing has to wait: the service is worth asking.
    assert.equal((await send('GET', '/health/ready')).status, 200);
    assert.ok(
      lines.some((line) => /"err":.*(full|No space)/.test(line)),
      'the log does not say why',
    );

    disk.clear();
    assert.equal((await store('d', 'd')).body.version, 1);
    assert.equal((await store('d', 'd')).headers.get('idempotency-replayed'), 'true');
    assert.equal((await part('two')).status, 200);
    const { status, body } = await commit();
    assert.deepEqual([status, body.version], [200, 1], JSON.stringify(body));
  } finally {
    await service.close();
  }
}

function newDisk(t: TestContext, size: number): SmallDisk {
  const disk = smallDisk(size);
  t.after(() => disk.remove());
  return disk;
}

test('a full disk under SQLite is a clear 503 while it is full, and the file stays whole', {
  skip: noSmallDisk,
}, async (t) => {
  const disk = newDisk(t, 32);
  const file = join(disk.folder, 'norma.db');
  await fillAndClear(disk, { kind: 'sqlite', file });
  const opened = new DatabaseSync(file, { readOnly: true });
  assert.deepEqual(opened.prepare('pragma integrity_check').all().map(Object.values), [['ok']]);
  opened.close();
});

test('a full disk under PostgreSQL is the same', { skip: noSmallDisk || noPostgres }, async (t) => {
  const disk = newDisk(t, 24);
  const postgres = await startPostgres();
  t.after(() => postgres.close());
  await fillAndClear(disk, { kind: 'postgres', url: await postgres.newDatabase(disk.folder) });
});

test('a full disk that no store can be opened on says so, and lets it be opened later', {
  skip: noSmallDisk,
}, async (t) => {
  const disk = newDisk(t, 2);
  const open = () => openStore({ kind: 'sqlite', file: join(disk.folder, 'norma.db') }, assert.ifError);
  disk.fill();
  await assert.rejects(open, ({ cause }: Error) => /full|unable to open|disk I\/O/.test(String(cause)));
  disk.clear();
  const store = await open();
  assert.deepEqual(await store.versions.names(1), []);
  await store.close();
});

/** Stores documents that do not pack until three are refused, and gives how many there are. */
async function fill({ versions }: Store, prefix: string): Promise<number> {
  const sizes = [1_000_000, 300_000, 2000, 50];
  let stored = 0;
  for (let refused = 0; refused < 3; ) {
    const document = randomBytes(sizes[stored % sizes.length]);
    try {
      await versions.add({ name: `${prefix}${stored}`, method: 'minmax', document });
      stored += 1;
    } catch (error) {
      assert.match((error as Error).message, /store is full/);
      refused += 1;
    }
  }
  return stored;
}

/** Megabytes, and whether others fill the disk as well; CI tries all of them. */
const disks = [
  [20, true],
  [33, false],
  [40, true],
  [64, false],
] as const;

for (const [size, others] of process.env.NORMA_CI_STRICT ? disks : disks.slice(0, 1)) {
  const title = others ? ', and by others,' : '';
  test(`a disk of ${size} MB that the store has filled${title} can be emptied, and filled again`, {
    skip: noSmallDisk,
  }, async (t) => {
    const disk = newDisk(t, size);
    const address = { kind: 'sqlite', file: join(disk.folder, 'norma.db') } as const;
    let store = await openStore(address, assert.ifError);
    t.after(() => store.close());
    const stored = await fill(store, 'a');
    assert.ok((stored * 1_302_050) / 4 > (size - 12) * 2 ** 20, `only ${stored} documents were stored`);
    if (others) disk.fill();
    await store.close();
    store = await openStore(address, assert.ifError);
    for (let at = 0; at < stored; at++) assert.equal(await store.versions.remove(`a${at}`), 'removed');
    disk.clear();
    const again = await fill(store, 'b');
    assert.ok(again > 0.9 * stored, `${again} after ${stored}`);
    assert.equal((await store.versions.names(1000)).length, again);
  });
}

test('a disk that was filled through the API is emptied through the API, also by an alias and a fit', {
  skip: noSmallDisk,
}, async (t) => {
  const disk = newDisk(t, 20);
  const service = await startService({ store: { kind: 'sqlite', file: join(disk.folder, 'norma.db') }, workers: 1 });
  const { post, send, close } = service;
  t.after(close);
  const { body: fit } = await post('/v1/fits', { normalizer });
  let names = 0;
  for (; ; names++) {
    const body = {
      normalizer,
      data: wide.map((row) => row.map((value) => value * names)),
      profile: false,
      statistics: false,
    };
    const { status } = await post(`/v1/normalizers/f${names}/versions`, body);
    if (status !== 201) break;
    if (names === 0) assert.equal((await send('PUT', '/v1/normalizers/f0/aliases/live', { version: 1 })).status, 201);
  }
  assert.ok(names > 10);
  disk.fill();
  for (const path of ['normalizers/f0/aliases/live', ...Array.from({ length: names }, (_, at) => `normalizers/f${at}`)])
    assert.equal((await send('DELETE', `/v1/${path}`)).status, 204, path);
  assert.equal((await send('DELETE', `/v1/fits/${fit.id}`)).status, 204);
  assert.equal((await post('/v1/normalizers/new/versions', { normalizer, data: wide })).status, 201);
});
