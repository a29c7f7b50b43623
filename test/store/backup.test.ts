/** Backup, restore, upgrade and the way back, as the commands that an operator types. */
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { DatabaseSync } from 'node:sqlite';
import pg from 'pg';
import type { StoreAddress } from '#store/address.ts';
import { openStore, type Store } from '#store/store.ts';
import { runCommand } from './command.ts';
import { eachStore, restoreReleased } from './each-store.ts';

const bytes = (text: string) => new TextEncoder().encode(text);

/** Everything that a store's versions, aliases and fits say. */
async function contents({ versions, fits }: Store, fitIds: readonly string[] = []): Promise<unknown> {
  const all: unknown[] = [];
  for (const { name } of await versions.names(1000)) {
    for (const one of await versions.list(name, 1000)) {
      const document = await versions.read(name, one.version);
      all.push({ ...one, document: Buffer.from(document ?? []).toString('base64') });
    }
    all.push([name, await versions.lastNumber(name)]);
  }
  for (const id of fitIds) all.push(await fits.find(id), await fits.parts(id));
  return all;
}

async function withStore<Result>(address: StoreAddress, work: (store: Store) => Promise<Result>): Promise<Result> {
  const store = await openStore(address, assert.ifError);
  try {
    return await work(store);
  } finally {
    await store.close();
  }
}

async function stepsOf(address: StoreAddress): Promise<number> {
  const count = 'select count(*) as steps from norma_migrations';
  if (address.kind === 'sqlite') {
    const opened = new DatabaseSync(address.file, { readOnly: true });
    const steps = Number(opened.prepare(count).get()?.steps);
    opened.close();
    return steps;
  }
  const client = new pg.Client({ connectionString: address.kind === 'postgres' ? address.url : '' });
  await client.connect();
  const { rows } = await client.query(count);
  await client.end();
  return Number(rows[0].steps);
}

let folder: string;
before(() => {
  folder = mkdtempSync(join(tmpdir(), 'norma-backup-'));
});
after(() => rmSync(folder, { recursive: true, force: true }));

eachStore('a backup', (kind) => {
  const fileNamed = (name: string) => join(folder, `${kind.name}-${name}.db`);

  test('that is made while others write has each thing whole, and nothing that is later than another it lacks', async () => {
    const address = await kind.address();
    const file = fileNamed('busy');
    await withStore(address, async (store) => {
      let stops = false;
      // b follows a: a moment at which b has more versions than a never was.
      const writing = (async () => {
        for (let at = 0; !stops; at++) {
          await store.versions.add({ name: 'a', method: 'minmax', document: randomBytes(20_000) });
          await store.versions.add({ name: 'b', method: 'minmax', document: bytes(`{"at":${at}}`) });
          await store.aliases.move({ name: 'b', alias: 'live', version: at + 1, by: null });
        }
      })();
      const { code, output, errors } = await runCommand(address, ['backup', file]);
      stops = true;
      await writing;
      assert.equal(code, 0, errors);
      assert.match(output, /^\d+ versions of 2 names and 0 fits in /);
    });
    await withStore({ kind: 'sqlite', file }, async ({ versions, aliases }) => {
      const [a, b] = [await versions.lastNumber('a'), await versions.lastNumber('b')];
      assert.ok(a >= b && a <= b + 1 && b > 0, `${a} and ${b}`);
      const alias = await aliases.find('b', 'live');
      assert.ok(alias === undefined ? b === 1 : alias.version === b || alias.version === b - 1);
      for (let at = 1; at <= b; at++)
        assert.equal(Buffer.from((await versions.read('b', at)) ?? []).toString(), `{"at":${at - 1}}`);
    });
  });

  test('is restored into an empty store of either kind, and into another one when that is asked for', async () => {
    const address = await kind.address();
    const file = fileNamed('whole');
    const fit = { id: 'fit', normalizer: '{"method":"minmax"}', ttlSeconds: 1000 };
    const expected = await withStore(address, async (store) => {
      for (const size of [10, 5000, 2_000_000])
        await store.versions.add({
          name: 'ünïcode name',
          method: 'minmax',
          document: randomBytes(size),
          tags: { day: 'friday', quote: '"\\' },
          description: 'as it is',
          createdBy: 'ci',
        });
      await store.versions.remove('ünïcode name', 2);
      await store.aliases.move({ name: 'ünïcode name', alias: 'live', version: 3, by: 'ci' });
      await store.fits.create(fit);
      const part = { part: 'p', samples: 7, shape: '[null]', document: randomBytes(5000) };
      await store.fits.put('fit', part, 1000);
      return contents(store, ['fit']);
    });
    assert.equal((await runCommand(address, ['backup', file])).code, 0);
    for (const target of [await kind.address(), { kind: 'sqlite', file: fileNamed('other') } as const]) {
      const { code, output, errors } = await runCommand(target, ['restore', file]);
      assert.deepEqual([code, output], [0, `2 versions of 1 names and 1 fits restored from ${file}\n`], errors);
      assert.deepEqual(await withStore(target, (store) => contents(store, ['fit'])), expected);
      const again = await runCommand(target, ['restore', file]);
      assert.equal(again.code, 1);
      assert.match(again.errors, /^The store is not empty\. --replace .*\n$/);
      await withStore(target, (store) => store.versions.add({ name: 'more', method: 'minmax', document: bytes('{}') }));
      assert.equal((await runCommand(target, ['restore', file, '--replace'])).code, 0);
      assert.deepEqual(await withStore(target, (store) => contents(store, ['fit'])), expected);
    }
  });

  test('that is damaged, or is none, changes nothing', async () => {
    const address = await kind.address();
    const file = fileNamed('damaged');
    await withStore(address, (store) =>
      store.versions.add({ name: 'a', method: 'minmax', document: randomBytes(500_000) }),
    );
    assert.equal((await runCommand(address, ['backup', file])).code, 0);
    const before = await withStore(address, contents);
    truncateSync(file, 300_000);
    writeFileSync(fileNamed('none'), 'age,salary\n1,2\n');
    for (const bad of [file, fileNamed('none'), fileNamed('missing')]) {
      const { code, errors } = await runCommand(address, ['restore', bad, '--replace']);
      assert.equal(code, 1, bad);
      assert.match(errors, /^[^\n]*(damaged|not a backup|unable to open|malformed)[^\n]*\n$/);
    }
    assert.deepEqual(await withStore(address, contents), before);
  });

  test('of the release before is the way back from an upgrade', async () => {
    const address = await kind.address();
    await restoreReleased(address);
    const file = fileNamed('released');
    const steps = await stepsOf(address);
    const made = await runCommand(address, ['backup', file]);
    assert.equal(made.code, 0, made.errors);
    const refused = await runCommand(address, [], { NORMA_MIGRATE: 'off', PORT: '0', HOST: '127.0.0.1' });
    assert.deepEqual([refused.code, refused.errors.split('\n').length], [1, 2], refused.errors);
    assert.match(refused.errors, /Run the command migrate first/);
    const upgraded = await runCommand(address, ['migrate']);
    assert.match(upgraded.output, /^Migrated from schema 1 to \d\.\n$/, upgraded.errors);
    assert.match((await runCommand(address, ['migrate'])).output, /already/);
    const expected = await withStore(address, contents);
    // A backup of an old schema is brought up to date,
    const other = await kind.address();
    assert.equal((await runCommand(other, ['restore', file])).code, 0);
    assert.deepEqual(await withStore(other, contents), expected);
    // or restored for the release that made it: with its tables and no others.
    const back = await runCommand(address, ['restore', file, '--replace', '--keep-schema']);
    assert.equal(back.code, 0, back.errors);
    assert.equal(await stepsOf(address), steps);
    assert.deepEqual(await withStore(address, contents), expected);
  });

  test('of newer tables is refused, and they stop the start with one line', async () => {
    const address = await kind.address();
    const file = fileNamed('newer');
    await withStore(address, async () => undefined);
    const insert = 'insert into norma_migrations values (99)';
    if (address.kind === 'sqlite') {
      const opened = new DatabaseSync(address.file);
      opened.exec(insert);
      opened.close();
      copyFileSync(address.file, file);
      assert.match((await runCommand(await kind.address(), ['restore', file])).errors, /from a newer release/);
    } else if (address.kind === 'postgres') {
      const client = new pg.Client({ connectionString: address.url });
      await client.connect();
      await client.query(insert);
      await client.end();
    }
    for (const words of [[], ['migrate']]) {
      const { code, errors } = await runCommand(address, words, { PORT: '0', HOST: '127.0.0.1' });
      assert.equal(code, 1);
      assert.match(errors, /^[^\n]*schema 100, from a newer release of this service[^\n]*\n$/);
    }
  });
});

test('commands that are none tell what there is', async () => {
  const memory = await runCommand({ kind: 'memory' }, ['backup', 'x']);
  assert.deepEqual([memory.code, memory.errors], [1, 'NORMA_STORE=memory: has nothing to keep or to restore\n']);
  const usage = await runCommand({ kind: 'memory' }, ['dump']);
  assert.equal(usage.code, 1);
  for (const name of ['migrate', 'backup FILE', 'restore FILE']) assert.match(usage.errors, new RegExp(name));
  assert.ok(readFileSync('docs/operations.md', 'utf8').includes('-- backup '));
});
