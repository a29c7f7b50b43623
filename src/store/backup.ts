import { copyFile, mkdir, mkdtemp, open, rename, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Kysely, sql, type Transaction } from 'kysely';
import type { StoreAddress } from './address.ts';
import { countSteps, migrate, migrateIn, SchemaError } from './migrations.ts';
import { sqliteDatabase } from './sqlite.ts';
import { databaseAt } from './store.ts';
import type { Database, Tables } from './tables.ts';

/** What a backup holds. */
export interface BackupCounts {
  names: number;
  versions: number;
  fits: number;
}

type Row = Record<string, unknown>;

/** In the order in which rows may be inserted: what is referred to comes first. */
const tables = [
  'norma_names',
  'norma_versions',
  'norma_aliases',
  'norma_fits',
  'norma_parts',
  'norma_answers',
  'norma_transform_counts',
] as const satisfies (keyof Tables)[];

/** Rows that are read and written at once: each may hold a document of megabytes. */
const rowsAtOnce = 16;

/**
 * Copies a store into one SQLite file, as it is at one moment; the service may go on writing. A backup of either kind of store
 * can be restored into either.
 * @param file is written under another name first, and replaced once it is whole
 * @throws Error if the store has no tables, or the file cannot be written
 */
export async function backUp(address: StoreAddress, file: string): Promise<BackupCounts> {
  const partial = `${file}.partial`;
  await mkdir(dirname(file), { recursive: true });
  await rm(partial, { force: true });
  try {
    if (address.kind === 'sqlite') copySqlite(address.file, partial);
    else await copyPostgres(address, partial);
    const counts = checkBackup(partial);
    await flush(partial);
    await rename(partial, file);
    return counts;
  } finally {
    for (const suffix of ['', '-wal', '-shm', '-reserve']) await rm(`${partial}${suffix}`, { force: true });
  }
}

/** How a backup is restored. */
export interface RestoreOptions {
  /** Whether what the store holds is deleted first. */
  replaces: boolean;
  /** Whether the tables become those of the release that made the backup, for going back to it. */
  keepsSchema: boolean;
}

/**
 * Puts what a backup holds into a store, in one transaction. A backup of an earlier release is brought up to date.
 * @throws Error if the store is not empty and must not be replaced, or the file is not a whole backup; then nothing changes
 */
export async function restore(
  address: StoreAddress,
  file: string,
  { replaces, keepsSchema }: RestoreOptions,
): Promise<BackupCounts> {
  const counts = checkBackup(file);
  const folder = await mkdtemp(join(tmpdir(), 'norma-restore-'));
  const target = await databaseAt(address, 1);
  try {
    const copy = join(folder, 'backup.db');
    await copyFile(file, copy);
    const steps = await stepsOfCopy(copy, keepsSchema);
    await migrate(target);
    await target.db.transaction().execute(async (tx) => {
      await clear(tx, replaces);
      if (keepsSchema) await createAgain(tx, target, steps);
      await insertAll(tx, copy);
    });
    return counts;
  } finally {
    await target.db.destroy();
    await rm(folder, { recursive: true, force: true });
  }
}

/** VACUUM INTO reads in one transaction, and holds nobody up who writes. */
function copySqlite(from: string, to: string): void {
  const source = new DatabaseSync(from, { readOnly: true, timeout: 5000 });
  try {
    source.prepare('vacuum into ?').run(to);
  } finally {
    source.close();
  }
}

async function copyPostgres(address: StoreAddress, to: string): Promise<void> {
  const source = await databaseAt(address, 1);
  const target = sqliteDatabase(to);
  try {
    const steps = await countSteps(source);
    if (steps === 0) throw new SchemaError('The store has no tables.');
    await migrate(target, steps);
    await source.db
      .transaction()
      .setIsolationLevel('repeatable read')
      .execute((from) =>
        target.db.transaction().execute(async (into) => {
          for (const table of await tablesIn(into)) await copyTable(from, into, table);
        }),
      );
  } finally {
    await source.db.destroy();
    await closeFile(target);
  }
}

async function copyTable(from: Transaction<Tables>, into: Transaction<Tables>, table: keyof Tables): Promise<void> {
  await sql`declare backup no scroll cursor for select * from ${sql.table(table)}`.execute(from);
  for (;;) {
    const { rows } = await sql<Row>`fetch ${sql.lit(rowsAtOnce)} from backup`.execute(from);
    if (rows.length === 0) break;
    await insertRows(into, table, rows);
  }
  await sql`close backup`.execute(from);
}

async function clear(tx: Transaction<Tables>, replaces: boolean): Promise<void> {
  for (const table of tables.toReversed()) {
    if (replaces) await tx.deleteFrom(table).execute();
    else if (await tx.selectFrom(table).select(sql<number>`1`.as('one')).limit(1).executeTakeFirst())
      throw new Error('The store is not empty. --replace deletes what it holds and puts the backup in its place.');
  }
}

/** The steps of a copy of a backup, which is brought up to date unless its schema is to stay. */
async function stepsOfCopy(file: string, keepsSchema: boolean): Promise<number> {
  const source = sqliteDatabase(file);
  try {
    return keepsSchema ? await countSteps(source) : (await migrate(source)).to;
  } finally {
    await source.db.destroy();
  }
}

/** Drops the tables and makes those of an earlier schema. */
async function createAgain(tx: Transaction<Tables>, target: Database, steps: number): Promise<void> {
  for (const table of [...tables.toReversed(), 'norma_migrations']) await tx.schema.dropTable(table).execute();
  await migrateIn(tx, target, steps);
}

/** The tables of the schema that a SQLite file has. */
async function tablesIn(db: Kysely<Tables>): Promise<(keyof Tables)[]> {
  const { rows } = await sql<{ name: string }>`select name from sqlite_master where type = 'table'`.execute(db);
  return tables.filter((table) => rows.some(({ name }) => name === table));
}

async function insertAll(tx: Transaction<Tables>, file: string): Promise<void> {
  const opened = new DatabaseSync(file, { readOnly: true });
  try {
    const there = opened.prepare("select name from sqlite_master where type = 'table'").all();
    for (const table of tables.filter((one) => there.some(({ name }) => name === one))) {
      let batch: Row[] = [];
      for (const row of opened.prepare(`select * from ${table}`).iterate()) {
        batch.push(row);
        if (batch.length < rowsAtOnce) continue;
        await insertRows(tx, table, batch);
        batch = [];
      }
      if (batch.length > 0) await insertRows(tx, table, batch);
    }
  } finally {
    opened.close();
  }
}

async function insertRows(tx: Transaction<Tables>, table: keyof Tables, rows: Row[]): Promise<void> {
  await tx.insertInto(table).values(rows).execute();
}

/** @throws Error if the file is not a backup, or is damaged */
function checkBackup(file: string): BackupCounts {
  const opened = new DatabaseSync(file, { readOnly: true });
  try {
    const [found] = opened.prepare('pragma integrity_check(1)').all().flatMap(Object.values);
    if (found !== 'ok') throw new Error(`${file} is damaged: ${String(found)}`);
    const count = (table: string) => Number(opened.prepare(`select count(*) as n from ${table}`).get()?.n);
    return { names: count('norma_names'), versions: count('norma_versions'), fits: count('norma_fits') };
  } catch (error) {
    if (/no such table|not a database/.test((error as Error).message))
      throw new Error(`${file} is not a backup of this service`);
    throw error;
  } finally {
    opened.close();
  }
}

/** A backup is one file: its log goes into it. */
async function closeFile({ db }: Database): Promise<void> {
  try {
    await sql`pragma journal_mode = delete`.execute(db);
  } finally {
    await db.destroy();
  }
}

async function flush(file: string): Promise<void> {
  const { size } = await stat(file);
  const handle = await open(file, 'r+');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
  if (size === 0) throw new Error(`${file} is empty`);
}
