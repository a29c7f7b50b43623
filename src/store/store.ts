import { Problem } from '#errors.ts';
import { sql } from 'kysely';
import type { StoreAddress } from './address.ts';
import { type Aliases, aliasesIn } from './aliases.ts';
import { type Answers, answersIn } from './idempotent-answers.ts';
import { type Fits, fitsIn } from './fits.ts';
import { withMigratedDatabase, type WithDatabase } from './with-database.ts';
import { type TransformCounts, transformCountsIn } from './transform-counts.ts';
import { coalesce } from './coalesce.ts';
import { sqliteDatabase } from './sqlite.ts';
import type { Database } from './tables.ts';
import { type Versions, versionsIn } from './versions.ts';

/**
 * What outlives a request: fitted normalizers with their versions, fits in parts, and what was answered under an Idempotency-Key. Its
 * functions take and give plain rows; what is acknowledged is on the disk. While the database is away each of them throws
 * Problem unavailable, and works again when it is back.
 */
export interface Store {
  versions: Versions;
  aliases: Aliases;
  fits: Fits;
  transformCounts: TransformCounts;
  answers: Answers;
  /** Deletes what has expired. */
  sweep(): Promise<void>;
  /** Asks the database whether it answers, and soon. */
  ping(): Promise<void>;
  close(): Promise<void>;
}

/** Timeout of the health check, in milliseconds. */
const operationTimeoutMs = 2000;

/**
 * Opens the store and brings its tables up to date. If PostgreSQL is unreachable, calls fail with `unavailable` until it returns.
 * @param onError called with the error when the database becomes unreachable
 * @throws Error when it can never be used as it is: a file that cannot be opened, a wrong password
 */
export async function openStore(address: StoreAddress, onError: (error: unknown) => void): Promise<Store> {
  const database = await databaseAt(address, onError);
  const reach = withMigratedDatabase(database);
  const ask = () => reach(async (db) => void (await sql`select 1`.execute(db)));
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof Problem) || !database.mayComeBack(error.cause)) {
      await database.db.destroy();
      throw error;
    }
    onError(error.cause);
  }
  return {
    versions: versionsIn(reach, database),
    aliases: aliasesIn(reach, database),
    transformCounts: transformCountsIn(reach),
    fits: fitsIn(reach, database),
    answers: answersIn(reach),
    sweep: () => sweep(reach),
    ping: coalesce(() => soon(ask())),
    close: () => database.db.destroy(),
  };
}

async function databaseAt(address: StoreAddress, onError: (error: unknown) => void): Promise<Database> {
  if (address.kind !== 'postgres') return sqliteDatabase(address.kind === 'memory' ? ':memory:' : address.file);
  // Most services run without it: their start does not wait for its code.
  const { postgresDatabase } = await import('./postgres.ts');
  return postgresDatabase(address.url, onError);
}

async function sweep(reach: WithDatabase): Promise<void> {
  const now = new Date().toISOString();
  await reach(async (db) => {
    await db.deleteFrom('norma_answers').where('expires_at', '<=', now).execute();
    await db.deleteFrom('norma_transform_counts').where('expires_at', '<=', now).execute();
    await db.deleteFrom('norma_fits').where('expires_at', '<=', now).execute();
  });
}

/** @throws Problem unavailable when it takes longer than whoever asks for readiness waits */
async function soon(answer: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Problem('unavailable', 'The store does not respond.')), operationTimeoutMs);
  // The promise that loses the race must not become an unhandled rejection.
  answer.catch(() => undefined);
  await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
