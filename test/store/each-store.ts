import { copyFileSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import pg from 'pg';
import type { StoreAddress } from '#store/address.ts';
import { noPostgres, type Postgres, startPostgres } from './postgres.ts';

/** A kind of store, under test. */
export interface StoreKind {
  name: 'sqlite' | 'postgres';
  /** The address of a new, empty store. */
  address(): Promise<StoreAddress>;
}

/** Declares the same tests for a SQLite file and for a real PostgreSQL server. */
export function eachStore(title: string, tests: (kind: StoreKind) => void): void {
  describe(`${title}, in SQLite`, () => {
    let folder: string;
    let files = 0;
    before(() => {
      folder = mkdtempSync(join(tmpdir(), 'norma-sqlite-'));
    });
    after(() => rmSync(folder, { recursive: true, force: true }));
    tests({ name: 'sqlite', address: async () => ({ kind: 'sqlite', file: join(folder, `${++files}.db`) }) });
  });
  describe(`${title}, in PostgreSQL`, { skip: noPostgres }, () => {
    tests({ name: 'postgres', address: async () => ({ kind: 'postgres', url: await (await server()).newDatabase() }) });
  });
}

let started: Promise<Postgres> | undefined;

/** One server for all tests of a file, started when the first one asks for it. */
function server(): Promise<Postgres> {
  started ??= startPostgres();
  return started;
}

after(async () => (await started)?.close());

export const fixture = (file: string) => new URL(`../fixtures/store/${file}`, import.meta.url);

/** What the release at commit 14c9b20 stored. */
export async function restoreReleased(address: StoreAddress): Promise<void> {
  if (address.kind === 'sqlite') copyFileSync(fixture('released.db'), address.file);
  if (address.kind !== 'postgres') return;
  const client = new pg.Client({ connectionString: address.url });
  await client.connect();
  // Lines with a backslash are for psql.
  await client.query(readFileSync(fixture('released.sql'), 'utf8').replaceAll(/^\\.*$/gm, ''));
  await client.end();
}
