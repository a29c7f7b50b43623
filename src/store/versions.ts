import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import { type CreateResult, createOnce, type IdempotencyRecord } from './idempotent-answers.ts';
import { type Packed, pack, unpack } from './compress-document.ts';
import type { WithDatabase } from './with-database.ts';
import { coalesce } from './coalesce.ts';
import type { Tables } from './tables.ts';

/** One version of a stored normalizer, without its document. */
export interface Version {
  name: string;
  /** 1, 2, 3, … for each name; a number is not given again, whatever was deleted. */
  version: number;
  method: string;
  /** SHA-256 of the document, base64url. */
  digest: string;
  /** ISO 8601. */
  createdAt: string;
}

/** A name with its newest version, and how many there are. */
export interface NamedVersions extends Version {
  versions: number;
}

export interface NewVersion {
  name: string;
  method: string;
  /** JSON of the fitted document. */
  document: Uint8Array;
}

/** Stored normalizers. A version never changes; it is there or, once deleted, it is not. */
export interface Versions {
  add(version: NewVersion, once?: IdempotencyRecord<Version>): Promise<CreateResult<Version>>;
  /** A version, or the newest that there is. */
  find(name: string, version?: number): Promise<Version | undefined>;
  /** The document, byte by byte as it was added. */
  read(name: string, version: number): Promise<Uint8Array | undefined>;
  /** Names in the order of their bytes, from the one after `after` on. */
  names(limit: number, after?: string): Promise<NamedVersions[]>;
  /** Up to `most` names around one that need not be there, nearest in the order of their bytes. */
  neighbours(name: string, most: number): Promise<string[]>;
  /** Versions of a name in their order, from the one after `after` on. */
  list(name: string, limit: number, after?: number): Promise<Version[]>;
  /** Deletes a version, or all that the name has; false when there was nothing to delete. */
  remove(name: string, version?: number): Promise<boolean>;
}

const columns = ['name', 'version', 'method', 'digest', 'created_at as createdAt'] as const;

export function versionsIn(reach: WithDatabase): Versions {
  return {
    async add({ name, method, document }, once) {
      const row = { name, method, digest: digestOf(document), ...(await pack(document)) };
      return reach((db) => createOnce(db, once, (tx) => insertVersion(tx, row)));
    },
    // Every transform by name asks this.
    find: coalesce((name: string, version?: number) => reach((db) => findVersion(db, name, version))),
    read: (name, version) =>
      reach(async (db) => {
        const row = await db
          .selectFrom('norma_versions')
          .select(['coding', 'document'])
          .where('name', '=', name)
          .where('version', '=', version)
          .executeTakeFirst();
        return row && unpack(row);
      }),
    names: (limit, after = '') => reach((db) => selectNames(db, limit, after)),
    neighbours: (name, most) => reach((db) => selectNeighbours(db, name, Math.ceil(most / 2))),
    list: (name, limit, after = 0) =>
      reach((db) =>
        db
          .selectFrom('norma_versions')
          .select(columns)
          .where('name', '=', name)
          .where('version', '>', after)
          .orderBy('version')
          .limit(limit)
          .execute(),
      ),
    remove: (name, version) =>
      reach(async (db) => {
        const { numDeletedRows } = await db
          .deleteFrom('norma_versions')
          .where('name', '=', name)
          .$if(version !== undefined, (query) => query.where('version', '=', version as number))
          .executeTakeFirst();
        return numDeletedRows > 0n;
      }),
  };
}

export function digestOf(document: Uint8Array): string {
  return createHash('sha256').update(document).digest('base64url');
}

/** Gives the name its next number. Others that want one wait until the transaction ends, so that none is left out. */
export async function insertVersion(
  tx: Transaction<Tables>,
  row: Pick<Version, 'name' | 'method' | 'digest'> & Packed,
): Promise<Version> {
  const { last_version: version } = await tx
    .insertInto('norma_names')
    .values({ name: row.name, last_version: 1 })
    .onConflict((conflict) =>
      conflict.column('name').doUpdateSet(({ eb, ref }) => ({
        last_version: eb(ref('norma_names.last_version'), '+', 1),
      })),
    )
    .returning('last_version')
    .executeTakeFirstOrThrow();
  const createdAt = new Date().toISOString();
  await tx
    .insertInto('norma_versions')
    .values({ ...row, version, created_at: createdAt })
    .execute();
  const { name, method, digest } = row;
  return { name, version, method, digest, createdAt };
}

async function findVersion(db: Kysely<Tables>, name: string, version?: number): Promise<Version | undefined> {
  return db
    .selectFrom('norma_versions')
    .select(columns)
    .where('name', '=', name)
    .$if(version !== undefined, (query) => query.where('version', '=', version as number))
    .orderBy('version', 'desc')
    .limit(1)
    .executeTakeFirst();
}

async function selectNames(db: Kysely<Tables>, limit: number, after: string): Promise<NamedVersions[]> {
  const counted = db
    .selectFrom('norma_versions')
    .select(({ fn }) => ['name', fn.max('version').as('newest'), fn.countAll().as('versions')])
    .where('name', '>', after)
    .groupBy('name')
    .orderBy('name')
    .limit(limit);
  const rows = await db
    .selectFrom(counted.as('counted'))
    .innerJoin('norma_versions as newest', (join) =>
      join.onRef('newest.name', '=', 'counted.name').onRef('newest.version', '=', 'counted.newest'),
    )
    .select(['newest.name', 'newest.version', 'newest.method', 'newest.digest', 'newest.created_at as createdAt'])
    .select('counted.versions')
    .orderBy('newest.name')
    .execute();
  return rows.map((row) => ({ ...row, versions: Number(row.versions) }));
}

async function selectNeighbours(db: Kysely<Tables>, name: string, each: number): Promise<string[]> {
  const names = db.selectFrom('norma_versions').select('name').groupBy('name').limit(each);
  const before = await names.where('name', '<', name).orderBy('name', 'desc').execute();
  const after = await names.where('name', '>', name).orderBy('name').execute();
  return [...before, ...after].map((row) => row.name);
}
