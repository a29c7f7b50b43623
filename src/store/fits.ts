import type { Kysely, Transaction } from 'kysely';
import { type CreateResult, createOnce, type IdempotencyRecord } from './idempotent-answers.ts';
import { type Packed, pack, unpack } from './compress-document.ts';
import type { WithDatabase } from './with-database.ts';
import { checkQuotas } from './quotas.ts';
import type { Tables } from './tables.ts';
import { type CheckNewest, insertVersion, type NewVersion, type Storing, toRow, type Version } from './versions.ts';

/** A distributed fit: each client uploads its own part of the data. */
export interface PartialFit {
  /** Random, so that it cannot be guessed. */
  id: string;
  /** JSON. */
  normalizer: string;
  createdAt: string;
  expiresAt: string;
  /** Counts the changes of its parts. */
  revision: number;
  /** Null until it is committed. */
  committedAt: string | null;
  /** The stored normalizer it was committed as, if it was to be stored. */
  name: string | null;
  version: number | null;
  /** The name of the key or token that began it. */
  createdBy: string | null;
}

/** Metadata of one uploaded part. */
export interface Part {
  /** The caller's own name for it. */
  part: string;
  samples: number;
  createdAt: string;
}

export interface NewPart {
  part: string;
  samples: number;
  /** JSON of the input's shape; the same in all parts. */
  shape: string;
  /** JSON of the document fitted on this part, with its state. */
  document: Uint8Array;
}

/** What became of a part: kept, or why not. */
export type PutPartResult = 'kept' | 'no fit' | 'committed' | 'full' | { otherShape: string };

/** What a commit makes of the parts as they were at a revision. */
export interface NewCommit {
  revision: number;
  document: Uint8Array;
  /** What it is stored as, where it has a name. */
  version?: NewVersion;
  check?: CheckNewest;
  /** How long the result is kept. */
  ttlSeconds: number;
}

export interface NewFit {
  id: string;
  normalizer: string;
  /** How long it waits for its parts. */
  ttlSeconds: number;
  createdBy?: string | null;
}

/** Fits in parts. All replicas see the same; a fit that has expired is not there. */
export interface Fits {
  create(fit: NewFit, once?: IdempotencyRecord<PartialFit>): Promise<CreateResult<PartialFit>>;
  find(id: string): Promise<PartialFit | undefined>;
  /** The parts so far, in no order. */
  parts(id: string): Promise<Part[]>;
  /** Keeps a part in the place of an earlier one of its name, and puts off the expiry by so many seconds from now. */
  put(id: string, part: NewPart, ttlSeconds: number): Promise<PutPartResult>;
  /** The document of a part. */
  document(id: string, part: string): Promise<Uint8Array | undefined>;
  /** Stores nothing if the revision is no longer current: parts were added, or another commit came first. */
  commit(
    id: string,
    commit: NewCommit,
    once?: IdempotencyRecord<PartialFit>,
  ): Promise<CreateResult<PartialFit | undefined>>;
  /** The document that was committed. */
  committed(id: string): Promise<Uint8Array | undefined>;
  remove(id: string): Promise<boolean>;
}

/** Parts that one fit has at most. */
const maxParts = 100_000;

const columns = [
  ...(['id', 'normalizer', 'created_at as createdAt', 'expires_at as expiresAt', 'revision'] as const),
  ...(['committed_at as committedAt', 'name', 'version', 'created_by as createdBy'] as const),
] as const;

export function fitsIn(reach: WithDatabase, storing: Storing): Fits {
  const { locksRows, time, quotas } = storing;

  const selectFit = (db: Kysely<Tables>, id: string) =>
    db.selectFrom('norma_fits').select(columns).where('id', '=', id).where('expires_at', '>', time.now);

  /** Others that change the fit or its parts wait until the transaction ends. */
  async function lock(tx: Transaction<Tables>, id: string): Promise<PartialFit | undefined> {
    return selectFit(tx, id)
      .$if(locksRows, (query) => query.forUpdate())
      .executeTakeFirst();
  }

  return {
    create: ({ id, normalizer, ttlSeconds, createdBy = null }, once) =>
      reach((db) =>
        createOnce(db, storing, once, async (tx) => {
          await checkQuotas(tx, quotas, time, { by: createdBy, bytes: 0, isFit: true });
          const times = { created_at: time.now, expires_at: time.in(ttlSeconds) };
          const row = { id, normalizer, ...times, revision: 0, created_by: createdBy };
          return tx.insertInto('norma_fits').values(row).returning(columns).executeTakeFirstOrThrow();
        }),
      ),
    find: (id) => reach((db) => selectFit(db, id).executeTakeFirst()),
    parts: (id) =>
      reach((db) =>
        db
          .selectFrom('norma_parts')
          .select(['part', 'samples', 'created_at as createdAt'])
          .where('fit_id', '=', id)
          .execute(),
      ),
    async put(id, part, ttlSeconds) {
      const packed = await pack(part.document);
      return reach((db) =>
        db.transaction().execute(async (tx) => {
          const fit = await lock(tx, id);
          if (!fit) return 'no fit';
          if (fit.committedAt) return 'committed';
          const otherShape = await shapeOfOthers(tx, id, part);
          if (otherShape !== undefined) return { otherShape };
          if (fit.revision >= maxParts && (await countOthers(tx, id, part.part)) >= maxParts) return 'full';
          await checkQuotas(tx, quotas, time, { by: fit.createdBy, bytes: packed.document.length });
          await upsertPart(tx, id, part, packed, time);
          const change = { revision: fit.revision + 1, expires_at: time.in(ttlSeconds) };
          await tx.updateTable('norma_fits').set(change).where('id', '=', id).execute();
          return 'kept';
        }),
      );
    },
    document: (id, part) =>
      reach(async (db) => {
        const row = await db
          .selectFrom('norma_parts')
          .select(['coding', 'document'])
          .where('fit_id', '=', id)
          .where('part', '=', part)
          .executeTakeFirst();
        return row && unpack(row);
      }),
    async commit(id, commit, once) {
      const packed = await pack(commit.document);
      const row = commit.version && (await toRow(commit.version));
      return reach((db) =>
        createOnce<PartialFit | undefined>(db, storing, once, async (tx) => {
          const fit = await lock(tx, id);
          if (!fit || fit.committedAt || fit.revision !== commit.revision) return undefined;
          const stored = row && (await insertVersion(tx, row, storing, commit.check));
          return commitLocked(tx, id, { ...commit, time }, packed, stored);
        }),
      );
    },
    committed: (id) =>
      reach(async (db) => {
        const row = await db
          .selectFrom('norma_fits')
          .select(['coding', 'document'])
          .where('id', '=', id)
          .where('committed_at', 'is not', null)
          .executeTakeFirst();
        return row && unpack(row as Packed);
      }),
    remove: (id) =>
      reach(async (db) => {
        const { numDeletedRows } = await db.deleteFrom('norma_fits').where('id', '=', id).executeTakeFirst();
        return numDeletedRows > 0n;
      }),
  };
}

/** The shape of a part other than this one, when it is not this one's. */
async function shapeOfOthers(
  tx: Transaction<Tables>,
  id: string,
  { part, shape }: NewPart,
): Promise<string | undefined> {
  const row = await tx
    .selectFrom('norma_parts')
    .select('shape')
    .where('fit_id', '=', id)
    .where('part', '!=', part)
    .where('shape', '!=', shape)
    .limit(1)
    .executeTakeFirst();
  return row?.shape;
}

async function countOthers(tx: Transaction<Tables>, id: string, part: string): Promise<number> {
  const { count } = await tx
    .selectFrom('norma_parts')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('fit_id', '=', id)
    .where('part', '!=', part)
    .executeTakeFirstOrThrow();
  return Number(count);
}

async function upsertPart(
  tx: Transaction<Tables>,
  id: string,
  part: NewPart,
  packed: Packed,
  time: Storing['time'],
): Promise<void> {
  const row = { samples: part.samples, shape: part.shape, created_at: time.now, ...packed };
  await tx
    .insertInto('norma_parts')
    .values({ fit_id: id, part: part.part, ...row })
    .onConflict((conflict) => conflict.columns(['fit_id', 'part']).doUpdateSet(row))
    .execute();
}

async function commitLocked(
  tx: Transaction<Tables>,
  id: string,
  { ttlSeconds, time }: NewCommit & Pick<Storing, 'time'>,
  packed: Packed,
  stored: Version | undefined,
): Promise<PartialFit> {
  const times = { committed_at: time.now, expires_at: time.in(ttlSeconds) };
  const made = { ...times, name: stored?.name, version: stored?.version, ...packed };
  // What the parts brought is in the document now.
  const emptied = { coding: 'identity', document: new Uint8Array(0) } as const;
  await tx.updateTable('norma_parts').set(emptied).where('fit_id', '=', id).execute();
  return tx.updateTable('norma_fits').set(made).where('id', '=', id).returning(columns).executeTakeFirstOrThrow();
}
