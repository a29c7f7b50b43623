import type { Kysely } from 'kysely';
import { lockName } from './aliases.ts';
import type { Database, Tables } from './tables.ts';

/** Which versions of a name are kept; what is absent keeps all. The newest, and those with an alias, always are. */
export interface Retention {
  /** How many, the newest ones. */
  versions?: number;
  /** Seconds since they were stored. */
  age?: number;
}

/** Versions that one pass deletes at most, so that it holds no lock for long. */
const maxPerPass = 1000;

/** Deletes the versions that need not be kept; what is left for the next pass is found by it. */
export async function deleteOldVersions(
  db: Kysely<Tables>,
  { time, locksRows }: Pick<Database, 'time' | 'locksRows'>,
  { versions, age }: Retention,
): Promise<void> {
  if (versions === undefined && age === undefined) return;
  const ranked = db.selectFrom('norma_versions as ranked').select(({ fn, ref }) => [
    'name',
    'version',
    'created_at',
    fn
      .agg<number>('row_number')
      .over((over) => over.partitionBy('name').orderBy(ref('version'), 'desc'))
      .as('rank'),
  ]);
  const old = await db
    .selectFrom(ranked.as('one'))
    .leftJoin('norma_aliases as alias', (join) =>
      join.onRef('alias.name', '=', 'one.name').onRef('alias.version', '=', 'one.version'),
    )
    .select(['one.name', 'one.version'])
    .where('alias.alias', 'is', null)
    .where('one.rank', '>', 1)
    .where(({ eb, or }) =>
      or([
        ...(versions === undefined ? [] : [eb('one.rank', '>', versions)]),
        ...(age === undefined ? [] : [eb('one.created_at', '<=', time.in(-age))]),
      ]),
    )
    .limit(maxPerPass)
    .execute();
  for (const [name, rows] of Map.groupBy(old, (row) => row.name)) {
    await db.transaction().execute(async (tx) => {
      // An alias may have been moved there since.
      await lockName(tx, name, locksRows);
      await tx
        .deleteFrom('norma_versions')
        .where('name', '=', name)
        .where(
          'version',
          'in',
          rows.map(({ version }) => version),
        )
        .where(({ not, exists, selectFrom }) =>
          not(
            exists(
              selectFrom('norma_aliases')
                .select('alias')
                .whereRef('norma_aliases.name', '=', 'norma_versions.name')
                .whereRef('norma_aliases.version', '=', 'norma_versions.version'),
            ),
          ),
        )
        .execute();
    });
  }
}
