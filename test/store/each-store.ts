import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { type StoreAddress } from '#store/address.ts';
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
    let postgres: Postgres;
    before(async () => {
      postgres = await startPostgres();
    });
    after(() => postgres.close());
    tests({ name: 'postgres', address: async () => ({ kind: 'postgres', url: await postgres.newDatabase() }) });
  });
}
