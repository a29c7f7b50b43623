/** A SQLite file that is damaged, gone, read-only or somebody else's. */
import assert from 'node:assert/strict';
import { chmodSync, chownSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { test, type TestContext } from 'node:test';
import { randomBytes } from 'node:crypto';
import { openStore } from '#store/store.ts';
import { runCommand } from './command.ts';
import { startService } from '../service.ts';

const normalizer = { method: 'minmax' };

function newFile(t: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'norma-damage-'));
  t.after(() => rmSync(folder, { recursive: true, force: true }));
  return join(folder, 'norma.db');
}

async function startOn(file: string) {
  return runCommand({ kind: 'sqlite', file }, [], { PORT: '0', HOST: '127.0.0.1', NORMA_LOG_LEVEL: 'silent' });
}

test('a damaged file stops the start with one line that names it and says what to do', async (t) => {
  const file = newFile(t);
  const store = await openStore({ kind: 'sqlite', file }, assert.ifError);
  for (let at = 0; at < 20; at++)
    await store.versions.add({ name: `a${at}`, method: 'minmax', document: randomBytes(20_000) });
  await store.close();
  new DatabaseSync(file).close();
  const whole = readFileSync(file);
  for (const [from, to] of [
    [whole.length / 2, whole.length],
    [0, 100],
    [4096, 8192],
  ] as const) {
    writeFileSync(file, Buffer.from(whole).fill(0x5a, from, to));
    const { code, errors } = await startOn(file);
    assert.equal(code, 1);
    assert.match(
      errors,
      /^NORMA_STORE cannot be used: [^\n]*norma\.db: [^\n]*(damaged|malformed|not a database)[^\n]*\n$/,
    );
  }
});

test('a file that is deleted or replaced while it is open is noticed, and nothing is stored into nowhere', async (t) => {
  const file = newFile(t);
  const service = await startService({ store: { kind: 'sqlite', file }, workers: 1 });
  t.after(() => service.close());
  const store = () => service.post('/v1/normalizers/a/versions', { normalizer, data: [[1], [3]] });
  assert.equal((await store()).status, 201);
  renameSync(file, `${file}.gone`);
  assert.equal((await store()).status, 503);
  assert.equal((await service.send('GET', '/health/store')).status, 503);
  assert.equal((await service.send('GET', '/health/ready')).status, 200);
  writeFileSync(file, '');
  assert.equal((await store()).status, 503);
  renameSync(`${file}.gone`, file);
  assert.equal((await store()).body.version, 2);
  assert.equal((await service.send('GET', '/health/store')).status, 200);
});

test("another application's database, a folder and a file that may not be written stop the start", async (t) => {
  const file = newFile(t);
  const other = new DatabaseSync(file);
  other.exec('create table customers (name text)');
  other.close();
  assert.match(
    (await startOn(file)).errors,
    /: The file is the database of another application: it has the table customers\.\n$/,
  );
  const after = new DatabaseSync(file);
  assert.deepEqual(
    after
      .prepare('select name from sqlite_master')
      .all()
      .map(({ name }) => name),
    ['customers'],
  );
  after.close();
  const folder = await startOn(join(file, '..'));
  assert.match(folder.errors, /^NORMA_STORE cannot be used: [^\n]*unable to open database file\n$/);
});

test('a file that nobody may write to stops the start', { skip: process.getuid?.() !== 0 && 'not root' }, async (t) => {
  const file = newFile(t);
  await (await openStore({ kind: 'sqlite', file }, assert.ifError)).close();
  rmSync(`${file}-reserve`, { force: true });
  chmodSync(file, 0o444);
  chmodSync(join(file, '..'), 0o755);
  const nobody = 65_534;
  chownSync(join(file, '..'), nobody, nobody);
  const { code, errors } = await runCommand({ kind: 'sqlite', file }, [], { PORT: '0', HOST: '127.0.0.1' }, nobody);
  assert.equal(code, 1);
  assert.match(errors, /^NORMA_STORE cannot be used: [^\n]*norma\.db: attempt to write a readonly database\n$/);
});
