import type { Kysely, Transaction } from 'kysely';
import type { WithDatabase } from './with-database.ts';
import type { Database, Tables } from './tables.ts';

/** A name for a version of a normalizer, which can be moved to another one. */
export interface Alias {
  name: string;
  alias: string;
  version: number;
  /** ISO 8601. */
  updatedAt: string;
  /** The name of the key or token that moved it last. */
  updatedBy: string | null;
}

export interface AliasMove {
  name: string;
  alias: string;
  version: number;
  by: string | null;
  /** The version that it must name so far, null where there must be no such alias yet; anything when not given. */
  expected?: number | null;
}

/** What became of a move: why not, or the alias and whether it is new. */
export type AliasMoved = 'no version' | { found: number | null } | { alias: Alias; isNew: boolean };

/** Aliases of stored normalizers. They never name a version that is not there. */
export interface Aliases {
  find(name: string, alias: string): Promise<Alias | undefined>;
  move(move: AliasMove): Promise<AliasMoved>;
  /**
   * @param expected as for a move
   * @returns what it named, or why it stays
   */
  remove(name: string, alias: string, expected?: number): Promise<'no alias' | { found: number } | { removed: number }>;
}

export function aliasesIn(reach: WithDatabase, { locksRows, time }: Pick<Database, 'locksRows' | 'time'>): Aliases {
  return {
    find: (name, alias) => reach((db) => findAlias(db, name, alias)),
    move: ({ name, alias, version, by, expected }) =>
      reach((db) =>
        db.transaction().execute(async (tx): Promise<AliasMoved> => {
          await lockName(tx, name, locksRows);
          const exists = await tx
            .selectFrom('norma_versions')
            .select('version')
            .where('name', '=', name)
            .where('version', '=', version)
            .executeTakeFirst();
          if (!exists) return 'no version';
          const before = await findAlias(tx, name, alias);
          const found = before?.version ?? null;
          if (expected !== undefined && expected !== found) return { found };
          const change = { version, updated_at: time.now, updated_by: by };
          const { updated_at: updatedAt } = await tx
            .insertInto('norma_aliases')
            .values({ name, alias, ...change })
            .onConflict((conflict) => conflict.columns(['name', 'alias']).doUpdateSet(change))
            .returning('updated_at')
            .executeTakeFirstOrThrow();
          const moved = { name, alias, version, updatedAt, updatedBy: by };
          return { alias: moved, isNew: before === undefined };
        }),
      ),
    remove: (name, alias, expected) =>
      reach((db) =>
        db.transaction().execute(async (tx) => {
          await lockName(tx, name, locksRows);
          const before = await findAlias(tx, name, alias);
          if (!before) return 'no alias';
          if (expected !== undefined && expected !== before.version) return { found: before.version };
          await tx.deleteFrom('norma_aliases').where('name', '=', name).where('alias', '=', alias).execute();
          return { removed: before.version };
        }),
      ),
  };
}

/** Whoever else changes versions or aliases of the name waits until the transaction ends. */
export async function lockName(tx: Transaction<Tables>, name: string, locksRows: boolean): Promise<void> {
  if (!locksRows) return;
  await tx.selectFrom('norma_names').select('name').where('name', '=', name).forUpdate().execute();
}

function findAlias(db: Kysely<Tables>, name: string, alias: string): Promise<Alias | undefined> {
  return db
    .selectFrom('norma_aliases')
    .select(['name', 'alias', 'version', 'updated_at as updatedAt', 'updated_by as updatedBy'])
    .where('name', '=', name)
    .where('alias', '=', alias)
    .executeTakeFirst();
}
