import type { Kysely } from 'kysely';
import { Problem, unavailable } from '#errors.ts';
import { prepareSchema, SchemaError } from './migrations.ts';
import type { Database, Tables } from './tables.ts';

/**
 * Does something with the database, once it is up to date.
 * @throws Problem unavailable when it cannot be reached; the next call tries anew
 */
export type WithDatabase = <Result>(work: (db: Kysely<Tables>) => Promise<Result>) => Promise<Result>;

/** Called when the database is found to be away, and when it is back. */
export interface Reachability {
  onAway(error: unknown): void;
  onBack(): void;
}

/** @param migrates whether tables are brought up to date here */
export function withMigratedDatabase(
  database: Database,
  migrates: boolean,
  { onAway, onBack }: Reachability,
): WithDatabase {
  let upToDate: Promise<void> | undefined;

  async function attempt<Result>(work: (db: Kysely<Tables>) => Promise<Result>): Promise<Result> {
    upToDate ??= prepareSchema(database, migrates);
    await upToDate.catch((error: unknown) => {
      upToDate = undefined;
      throw error;
    });
    try {
      return await work(database.db);
    } catch (error) {
      // On a full disk there is room to delete, and storing is refused again.
      if (database.isFull(error) && (await database.giveUpReserve())) return work(database.db);
      throw error;
    }
  }

  return async (work) => {
    try {
      const result = await attempt(work);
      onBack();
      return result;
    } catch (error) {
      if (error instanceof Problem || !(database.isAway(error) || error instanceof SchemaError)) throw error;
      const refusal = refusalOf(database, error);
      if (!refusal) onAway(error);
      throw Object.assign(refusal ?? unavailable('The store is currently unreachable.', 'store_away'), {
        cause: error,
      });
    }
  };
}

/** Why a store that answers does not take what it is given. */
function refusalOf({ isFull, isReadOnly }: Database, error: unknown): Problem | undefined {
  const still = 'stored normalizers can be read, but nothing can be stored now.';
  if (isFull(error)) return unavailable(`The store is full: ${still}`, 'store_full');
  if (isReadOnly(error)) return unavailable(`The store is read-only: ${still}`, 'store_read_only');
  return undefined;
}
