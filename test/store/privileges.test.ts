/** PostgreSQL as platforms give it: a role with rights on rows alone, a pooler in between, TLS that must be there. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import pg from 'pg';
import { openStore } from '#store/store.ts';
import { startProcess } from '../process.ts';
import { runCommand } from './command.ts';
import { freePort, noPostgres, type Postgres, startPostgres } from './postgres.ts';

const bytes = (text: string) => new TextEncoder().encode(text);
const pooler = '/usr/sbin/pgbouncer';
const noPooler = !existsSync(pooler) && (process.env.NORMA_CI_STRICT ? false : 'Debian pgbouncer is not installed');

describe('PostgreSQL', { skip: noPostgres }, () => {
  let postgres: Postgres;
  before(async () => {
    postgres = await startPostgres();
  });
  after(() => postgres.close());

  async function query(url: string, text: string) {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      return await client.query(text);
    } finally {
      await client.end();
    }
  }

  test('a role with rights on rows alone runs the service once another one has migrated', async (t) => {
    const url = await postgres.newDatabase();
    await query(url, 'create role rows_only login; revoke create on schema public from public');
    const asRole = Object.assign(new URL(url), { username: 'rows_only' }).href;
    const early = await runCommand({ kind: 'postgres', url: asRole }, [], { PORT: '0', HOST: '127.0.0.1' });
    assert.deepEqual(
      [early.code, early.errors],
      [1, 'NORMA_STORE cannot be used: permission denied for schema public\n'],
    );
    assert.equal((await runCommand({ kind: 'postgres', url }, ['migrate'])).code, 0);
    await query(url, 'grant select, insert, update, delete on all tables in schema public to rows_only');
    const { url: service } = await startProcess(t, { NORMA_STORE: asRole, NORMA_STORE_CONNECTIONS: '2' });
    const send = async (method: string, path: string, body?: object) => {
      const headers = body ? { 'content-type': 'application/json' } : undefined;
      const answer = await fetch(`${service}${path}`, { method, headers, body: body && JSON.stringify(body) });
      await answer.arrayBuffer();
      return answer.status;
    };
    const normalizer = { method: 'minmax' };
    const stored = await Promise.all(
      Array.from({ length: 8 }, () => send('POST', '/v1/normalizers/a/versions', { normalizer, data: [[1], [3]] })),
    );
    assert.deepEqual(new Set(stored), new Set([201]));
    assert.equal(await send('PUT', '/v1/normalizers/a/aliases/live', { version: 8 }), 201);
    assert.equal(await send('POST', '/v1/normalizers/a/versions/live/transform', { data: [[2]] }), 200);
    assert.equal(await send('DELETE', '/v1/normalizers/a/versions/1'), 204);
    assert.equal(await send('GET', '/health/store'), 200);
    const { rows } = await query(
      url,
      `select count(*)::int as n from pg_stat_activity where application_name = 'norma' and usename = 'rows_only'`,
    );
    assert.ok(rows[0].n >= 1 && rows[0].n <= 2, `${rows[0].n} connections`);
    assert.equal(
      (await runCommand({ kind: 'postgres', url: asRole }, ['backup', join(tmpdir(), `norma-${process.pid}.db`)])).code,
      0,
    );
    rmSync(join(tmpdir(), `norma-${process.pid}.db`));
  });

  test('a read-only server is read, and says why nothing can be stored', async (t) => {
    const url = await postgres.newDatabase();
    const store = await openStore({ kind: 'postgres', url }, assert.ifError);
    await store.versions.add({ name: 'a', method: 'minmax', document: bytes('{}') });
    await store.close();
    await query(url, `alter database ${new URL(url).pathname.slice(1)} set default_transaction_read_only = on`);
    const standby = await openStore({ kind: 'postgres', url }, assert.ifError);
    t.after(() => standby.close());
    assert.equal((await standby.versions.find('a'))?.version, 1);
    await assert.rejects(standby.versions.add({ name: 'a', method: 'minmax', document: bytes('{}') }), {
      code: 'unavailable',
      message: /^The store is read-only/,
    });
  });

  test('without the TLS that is asked for, or a file that does not exist, the start ends with one line and no password', async () => {
    const { host, pathname } = new URL(await postgres.newDatabase());
    for (const [query, expected] of [
      ['sslmode=require', /does not support SSL/],
      ['sslrootcert=/no/such/ca.pem', /ENOENT/],
    ] as const) {
      const url = `postgres://norma:pass%2Fword@${host}${pathname}?${query}`;
      const { code, output, errors } = await runCommand({ kind: 'postgres', url }, [], {
        PORT: '0',
        HOST: '127.0.0.1',
      });
      assert.equal(code, 1, errors);
      assert.match(errors, expected);
      assert.match(errors, /^NORMA_STORE cannot be used: [^\n]*\n$/);
      assert.doesNotMatch(output + errors, /pass(%2F|\/)word/);
    }
  });

  test('PgBouncer in transaction mode, with its defaults, serves 60 clients over 5 connections', {
    skip: noPooler,
  }, async (t) => {
    const target = new URL(await postgres.newDatabase());
    const folder = mkdtempSync(join(tmpdir(), 'norma-pgbouncer-'));
    t.after(() => rmSync(folder, { recursive: true, force: true }));
    const port = await freePort();
    const database = target.pathname.slice(1);
    writeFileSync(join(folder, 'users'), '"norma" ""\n');
    writeFileSync(
      join(folder, 'ini'),
      `[databases]\n${database} = host=127.0.0.1 port=${target.port} dbname=${database}\n[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = ${port}\nunix_socket_dir =\nauth_type = trust\nauth_file = ${join(folder, 'users')}\npool_mode = transaction\ndefault_pool_size = 5\n`,
    );
    const uid = Number(execFileSync('id', ['-u', 'postgres'], { encoding: 'utf8' }));
    for (const path of [folder, join(folder, 'users'), join(folder, 'ini')]) chownSync(path, uid, uid);
    const bouncer = spawn(pooler, [join(folder, 'ini')], { uid, stdio: 'ignore' });
    t.after(async () => {
      bouncer.kill('SIGKILL');
      await once(bouncer, 'exit');
    });
    const url = `postgres://norma@127.0.0.1:${port}/${database}`;
    while (
      !(await query(url, 'select 1').then(
        () => true,
        () => false,
      ))
    )
      await wait(50);
    const store = await openStore({ kind: 'postgres', url }, assert.ifError, { connections: 20 });
    t.after(() => store.close());
    const added = await Promise.all(
      Array.from({ length: 60 }, (_, at) =>
        store.versions.add({ name: `n${at % 3}`, method: 'minmax', document: bytes(`{"at":${at}}`) }),
      ),
    );
    const numbers = added.map((one) => ('made' in one ? `${one.made.name} ${one.made.version}` : '')).toSorted();
    assert.equal(new Set(numbers).size, 60);
    assert.equal(
      (await store.versions.names(10)).every(({ versions }) => versions === 20),
      true,
    );
    await store.ping();
    await store.sweep();
  });
});
