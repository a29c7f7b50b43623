import { createHash } from 'node:crypto';
import type { Kysely, Transaction } from 'kysely';
import { lockName } from './aliases.ts';
import { type CreateResult, createOnce, type IdempotencyRecord } from './idempotent-answers.ts';
import { pack, unpack } from './compress-document.ts';
import { checkQuotas, type Quotas } from './quotas.ts';
import type { WithDatabase } from './with-database.ts';
import { coalesce } from './coalesce.ts';
import type { Database, Tables } from './tables.ts';
import {
  findDetails,
  listDetails,
  listNames,
  type NameFilter,
  selectVersion,
  type VersionDetails,
  type VersionLabels,
  type VersionReference,
  writeTags,
} from './version-details.ts';

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

export interface NewVersion extends Partial<VersionLabels> {
  name: string;
  method: string;
  /** JSON of the fitted document. */
  document: Uint8Array;
  createdBy?: string | null;
  /** JSON of what lists tell of the document. */
  summary?: string | null;
}

/**
 * Looks at the newest version there is, before another one follows it; nothing changes in between.
 * @throws Problem, and then nothing is stored
 */
export type CheckNewest = (newest: VersionDetails | undefined) => void;

/** What became of a deletion: it is done, there was nothing, or an alias names the version. */
export type Removal = 'removed' | 'nothing' | { alias: string; version: number };

/** Stored normalizers. A document never changes; it is there or, once deleted, it is not. */
export interface Versions {
  add(version: NewVersion, once?: IdempotencyRecord<Version>, check?: CheckNewest): Promise<CreateResult<Version>>;
  find(name: string, reference?: VersionReference): Promise<Version | undefined>;
  /** The document, byte by byte as it was added. */
  read(name: string, version: number): Promise<Uint8Array | undefined>;
  /** All that is known of a version but its document. */
  details(name: string, reference?: VersionReference): Promise<VersionDetails | undefined>;
  /** Each name once with its newest version, or the one that an alias names, and with how many there are. */
  names(limit: number, after?: string, filter?: NameFilter): Promise<(VersionDetails & { versions: number })[]>;
  /** Up to `most` names nearest to `name` in byte order; `name` itself need not exist. */
  neighbours(name: string, most: number): Promise<string[]>;
  /** Versions of a name in their order, from the one after `after` on. */
  list(name: string, limit: number, after?: number): Promise<VersionDetails[]>;
  /** The number that was given last; 0 for a name that never had a version. */
  lastNumber(name: string): Promise<number>;
  /** Changes what is said of a version; false where there is none. */
  label(name: string, version: number, labels: Partial<VersionLabels>): Promise<boolean>;
  /** Keeps what lists tell of a document that was stored without it. */
  summarize(name: string, version: number, summary: string): Promise<void>;
  /** Deletes a version, or all that the name has, unless an alias names one of them. */
  remove(name: string, version?: number): Promise<Removal>;
}

const columns = ['name', 'version', 'method', 'digest', 'created_at as createdAt'] as const;

/** What storing needs to know beside the rows. */
export type Storing = Pick<Database, 'locksRows' | 'time'> & { quotas: Quotas };

export function versionsIn(reach: WithDatabase, storing: Storing): Versions {
  const { locksRows } = storing;
  return {
    async add(version, once, check) {
      const row = await toRow(version);
      return reach((db) => createOnce(db, storing, once, (tx) => insertVersion(tx, row, storing, check)));
    },
    // Every transform by name asks this.
    find: coalesce((name: string, reference?: VersionReference) =>
      reach((db) => selectVersion(db, name, reference).select(columns).executeTakeFirst()),
    ),
    read: (name, version) =>
      reach(async (db) => {
        const row = await selectVersion(db, name, version).select(['coding', 'document']).executeTakeFirst();
        return row && unpack(row);
      }),
    details: (name, reference) => reach((db) => findDetails(db, name, reference)),
    names: (limit, after = '', filter = {}) => reach((db) => listNames(db, limit, after, filter)),
    list: (name, limit, after = 0) => reach((db) => listDetails(db, name, limit, after)),
    lastNumber: (name) =>
      reach(async (db) => {
        const query = db.selectFrom('norma_names').select('last_version').where('name', '=', name);
        return (await query.executeTakeFirst())?.last_version ?? 0;
      }),
    label: (name, version, { description, tags }) =>
      reach(async (db) => {
        const change = { description, tags: tags && writeTags(tags) };
        const { numUpdatedRows } = await db
          .updateTable('norma_versions')
          // A member that is not given leaves the column as it is.
          .set(({ ref }) => ({
            description: change.description === undefined ? ref('description') : change.description,
            tags: change.tags ?? ref('tags'),
          }))
          .where('name', '=', name)
          .where('version', '=', version)
          .executeTakeFirst();
        return numUpdatedRows > 0n;
      }),
    neighbours: (name, most) => reach((db) => selectNeighbours(db, name, Math.ceil(most / 2))),
    summarize: (name, version, summary) =>
      reach(async (db) => {
        const update = db.updateTable('norma_versions').set({ summary });
        await update.where('name', '=', name).where('version', '=', version).execute();
      }),
    remove: (name, version) =>
      reach((db) =>
        db.transaction().execute(async (tx): Promise<Removal> => {
          await lockName(tx, name, locksRows);
          const naming = await tx
            .selectFrom('norma_aliases')
            .select(['alias', 'version'])
            .where('name', '=', name)
            .$if(version !== undefined, (query) => query.where('version', '=', version as number))
            .orderBy('alias')
            .limit(1)
            .executeTakeFirst();
          if (naming) return naming;
          const { numDeletedRows } = await tx
            .deleteFrom('norma_versions')
            .where('name', '=', name)
            .$if(version !== undefined, (query) => query.where('version', '=', version as number))
            .executeTakeFirst();
          return numDeletedRows > 0n ? 'removed' : 'nothing';
        }),
      ),
  };
}

/** A version as a row holds it, but for its number. */
export async function toRow({ name, method, document, tags = {}, ...rest }: NewVersion) {
  const { description = null, createdBy = null, summary = null } = rest;
  const packed = await pack(document);
  const labels = { description, tags: writeTags(tags), created_by: createdBy, summary };
  return { name, method, digest: digestOf(document), ...packed, ...labels };
}

function digestOf(document: Uint8Array): string {
  return createHash('sha256').update(document).digest('base64url');
}

/** Gives the name its next number. Others that want one wait until the transaction ends, so that none is left out. */
export async function insertVersion(
  tx: Transaction<Tables>,
  row: Awaited<ReturnType<typeof toRow>>,
  { time, quotas }: Storing,
  check?: CheckNewest,
): Promise<Version> {
  await checkQuotas(tx, quotas, time, { by: row.created_by, bytes: row.document.length, version: row.name });
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
  check?.(await findDetails(tx, row.name, undefined));
  const { created_at: createdAt } = await tx
    .insertInto('norma_versions')
    .values({ ...row, version, created_at: time.now })
    .returning('created_at')
    .executeTakeFirstOrThrow();
  const { name, method, digest } = row;
  return { name, version, method, digest, createdAt };
}

async function selectNeighbours(db: Kysely<Tables>, name: string, each: number): Promise<string[]> {
  const names = db.selectFrom('norma_versions').select('name').groupBy('name').limit(each);
  const before = await names.where('name', '<', name).orderBy('name', 'desc').execute();
  const after = await names.where('name', '>', name).orderBy('name').execute();
  return [...before, ...after].map((row) => row.name);
}
