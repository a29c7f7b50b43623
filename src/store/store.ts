import { Problem } from '#errors.ts';
import { sql } from 'kysely';
import type { StoreAddress } from './address.ts';
import { type Aliases, aliasesIn } from './aliases.ts';
import { type Answers, answersIn } from './idempotent-answers.ts';
import { type Fits, fitsIn } from './fits.ts';
import { type Reachability, withMigratedDatabase, type WithDatabase } from './with-database.ts';
import { type TransformCounts, transformCountsIn } from './transform-counts.ts';
import { coalesce } from './coalesce.ts';
import { SchemaError } from './migrations.ts';
import { sqliteDatabase } from './sqlite.ts';
import type { Quotas } from './quotas.ts';
import { deleteOldVersions, type Retention } from './retention.ts';
import type { Database, StoreSize } from './tables.ts';
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
  /** Deletes what has expired, and versions that need not be kept. */
  sweep(): Promise<void>;
  /** Asks the database whether it answers and is whole, and soon. */
  ping(): Promise<void>;
  /** Bytes that it takes, and that are free on its disk. */
  measure(): Promise<StoreSize>;
  close(): Promise<void>;
}

/** How the store is used; each has a default. */
export interface StoreOptions {
  /** Connections to PostgreSQL that are open at once at most. Default: 10. */
  connections?: number;
  /** Whether tables are brought up to date when it is opened. Default: true. */
  migrates?: boolean;
  /** Default: none. */
  quotas?: Quotas;
  /** Default: everything is kept. */
  retention?: Retention;
  /** Called when the database answers again. */
  onBack?: () => void;
}

const defaultConnections = 10;

/** Timeout of the health check, in milliseconds. */
const operationTimeoutMs = 2000;

/** Milliseconds after which it is told again that the database is away. */
const remindMs = 60_000;

/**
 * Opens the store and brings its tables up to date. If PostgreSQL is unreachable, calls fail with `unavailable` until it returns.
 * @param onAway called with the error when the database becomes unreachable, and again each minute that calls fail
 * @throws Error when it can never be used as it is: a file that cannot be opened, a wrong password, newer tables
 */
export async function openStore(
  address: StoreAddress,
  onAway: (error: unknown) => void,
  options: StoreOptions = {},
): Promise<Store> {
  return openStoreIn(await databaseAt(address, options.connections ?? defaultConnections), onAway, options);
}

/** The same with a database that is given. */
export async function openStoreIn(
  database: Database,
  onAway: (error: unknown) => void = () => undefined,
  options: StoreOptions = {},
): Promise<Store> {
  const { migrates = true, retention = {}, onBack = () => undefined } = options;
  let isOpen = false;
  const reachability = reportChanges((error) => isOpen && onAway(error), onBack);
  const reach = withMigratedDatabase(database, migrates, reachability);
  const ask = () =>
    reach(async (db) => {
      await sql`select 1 from norma_migrations`.execute(db);
      await database.check();
    });
  try {
    await ask();
  } catch (error) {
    const cause = error instanceof Problem ? error.cause : error;
    if (!(error instanceof Problem) || cause instanceof SchemaError || !database.mayComeBack(cause)) {
      await database.db.destroy();
      throw error;
    }
    onAway(cause);
  }
  isOpen = true;
  const storing = { ...database, quotas: options.quotas ?? { all: {}, perKey: {} } };
  return {
    versions: versionsIn(reach, storing),
    aliases: aliasesIn(reach, database),
    transformCounts: transformCountsIn(reach, database),
    fits: fitsIn(reach, storing),
    answers: answersIn(reach, database),
    sweep: () => sweep(reach, database, retention),
    ping: coalesce(() => soon(ask())),
    measure: () => reach(() => database.measure()),
    close: () => database.db.destroy(),
  };
}

/** Tells when the database goes away and comes back, and not of every call in between. */
function reportChanges(onAway: (error: unknown) => void, onBack: () => void): Reachability {
  let told: number | undefined;
  return {
    onAway(error) {
      if (told !== undefined && performance.now() - told < remindMs) return;
      told = performance.now();
      onAway(error);
    },
    onBack() {
      if (told === undefined) return;
      told = undefined;
      onBack();
    },
  };
}

export async function databaseAt(address: StoreAddress, connections: number): Promise<Database> {
  if (address.kind !== 'postgres') return sqliteDatabase(address.kind === 'memory' ? ':memory:' : address.file);
  // Most services run without it: their start does not wait for its code.
  const { postgresDatabase } = await import('./postgres.ts');
  return postgresDatabase(address.url, connections);
}

async function sweep(reach: WithDatabase, database: Database, retention: Retention): Promise<void> {
  const { now } = database.time;
  await reach(async (db) => {
    await db.deleteFrom('norma_answers').where('expires_at', '<=', now).execute();
    await db.deleteFrom('norma_transform_counts').where('expires_at', '<=', now).execute();
    await db.deleteFrom('norma_fits').where('expires_at', '<=', now).execute();
    await deleteOldVersions(db, database, retention);
  });
}

/** @throws Problem unavailable when it takes longer than whoever asks for readiness waits */
async function soon(answer: Promise<void>): Promise<void> {
  const { promise: late, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(() => reject(new Problem('unavailable', 'The store does not respond.')), operationTimeoutMs);
  // Whichever comes second has nobody to tell.
  answer.catch(() => undefined);
  await Promise.race([answer, late]).finally(() => clearTimeout(timer));
}
