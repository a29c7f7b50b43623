import type { Kysely } from 'kysely';
import { Problem } from '#errors.ts';
import { migrate } from './migrations.ts';
import type { Database, Tables } from './tables.ts';

/**
 * Does something with the database, once it is up to date.
 * @throws Problem unavailable when it cannot be reached; the next call tries anew
 */
export type WithDatabase = <Result>(work: (db: Kysely<Tables>) => Promise<Result>) => Promise<Result>;

export function withMigratedDatabase(database: Database): WithDatabase {
  let upToDate: Promise<void> | undefined;
  return async (work) => {
    try {
      upToDate ??= migrate(database);
      await upToDate.catch((error: unknown) => {
        upToDate = undefined;
        throw error;
      });
      return await work(database.db);
    } catch (error) {
      if (error instanceof Problem || !database.isAway(error)) throw error;
      const detail = database.isFull(error)
        ? 'The store is full: stored normalizers can be read, but nothing can be stored now.'
        : 'The store is currently unreachable.';
      const problem = new Problem('unavailable', detail);
      throw Object.assign(problem, { cause: error });
    }
  };
}
