import { sql, type Transaction } from 'kysely';
import { Problem } from '#errors.ts';
import type { Database, Tables } from './tables.ts';

/** How much may be stored; what is absent has no limit. */
export interface Quota {
  names?: number;
  versions?: number;
  /** Bytes of documents as they are stored, with those of parts. */
  bytes?: number;
  /** Fits in parts that are not committed. */
  fits?: number;
}

/** Quotas of the whole store, and of each key. */
export interface Quotas {
  all: Quota;
  perKey: Quota;
}

/** What is about to be stored. */
export interface Addition {
  /** The name of the key or token; null where no key is asked for. */
  by: string | null;
  bytes: number;
  /** The name that gets a version. */
  version?: string;
  /** Whether a fit in parts begins. */
  isFit?: boolean;
}

const units: Record<keyof Quota, string> = {
  names: 'names of normalizers',
  versions: 'versions',
  bytes: 'bytes',
  fits: 'fits in parts that are not committed',
};

/**
 * Refuses what does not fit the quotas. They are counted when they are set, and may be passed by what is stored at the same
 * moment.
 * @throws Problem quota_exceeded
 */
export async function checkQuotas(
  tx: Transaction<Tables>,
  { all, perKey }: Quotas,
  time: Database['time'],
  addition: Addition,
): Promise<void> {
  await check(tx, all, time, addition, undefined);
  await check(tx, perKey, time, addition, { by: addition.by });
}

type Owner = { by: string | null } | undefined;

async function check(
  tx: Transaction<Tables>,
  quota: Quota,
  time: Database['time'],
  { bytes, version, isFit }: Addition,
  owner: Owner,
): Promise<void> {
  const refuse = (what: keyof Quota, used: number, more: number) => {
    const most = quota[what] as number;
    if (used + more <= most) return;
    const whose = owner ? 'This key may store' : 'The store takes';
    const detail = `${whose} up to ${most} ${units[what]}, and ${used} are there. Delete what is no longer used.`;
    throw new Problem('quota_exceeded', detail);
  };
  if (version !== undefined && quota.versions !== undefined) refuse('versions', await countVersions(tx, owner), 1);
  if (version !== undefined && quota.names !== undefined && !(await hasName(tx, owner, version)))
    refuse('names', await countNames(tx, owner), 1);
  if (isFit && quota.fits !== undefined) refuse('fits', await countFits(tx, time, owner), 1);
  if (bytes > 0 && quota.bytes !== undefined) refuse('bytes', await countBytes(tx, owner), bytes);
}

async function countVersions(tx: Transaction<Tables>, owner: Owner): Promise<number> {
  const row = await tx
    .selectFrom('norma_versions')
    .select(({ fn }) => fn.countAll().as('count'))
    .$if(owner !== undefined, (query) => query.where(isOf('created_by', owner)))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

async function countNames(tx: Transaction<Tables>, owner: Owner): Promise<number> {
  const row = await tx
    .selectFrom('norma_versions')
    .select(({ fn }) => fn.count('name').distinct().as('count'))
    .$if(owner !== undefined, (query) => query.where(isOf('created_by', owner)))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

async function hasName(tx: Transaction<Tables>, owner: Owner, name: string): Promise<boolean> {
  const row = await tx
    .selectFrom('norma_versions')
    .select('name')
    .where('name', '=', name)
    .$if(owner !== undefined, (query) => query.where(isOf('created_by', owner)))
    .limit(1)
    .executeTakeFirst();
  return row !== undefined;
}

async function countFits(tx: Transaction<Tables>, time: Database['time'], owner: Owner): Promise<number> {
  const row = await tx
    .selectFrom('norma_fits')
    .select(({ fn }) => fn.countAll().as('count'))
    .where('committed_at', 'is', null)
    .where('expires_at', '>', time.now)
    .$if(owner !== undefined, (query) => query.where(isOf('created_by', owner)))
    .executeTakeFirstOrThrow();
  return Number(row.count);
}

async function countBytes(tx: Transaction<Tables>, owner: Owner): Promise<number> {
  const length = sql<number>`coalesce(sum(length(document)), 0)`.as('bytes');
  const versions = tx
    .selectFrom('norma_versions')
    .select(length)
    .$if(owner !== undefined, (query) => query.where(isOf('created_by', owner)));
  const fits = tx
    .selectFrom('norma_fits')
    .select(length)
    .$if(owner !== undefined, (query) => query.where(isOf('created_by', owner)));
  const parts = tx
    .selectFrom('norma_parts')
    .innerJoin('norma_fits', 'norma_fits.id', 'norma_parts.fit_id')
    .select(sql<number>`coalesce(sum(length(norma_parts.document)), 0)`.as('bytes'))
    .$if(owner !== undefined, (query) => query.where(isOf('norma_fits.created_by', owner)));
  const counted = [];
  for (const query of [versions, fits, parts]) counted.push(await query.executeTakeFirstOrThrow());
  return counted.reduce((sum, { bytes }) => sum + Number(bytes), 0);
}

function isOf(column: string, owner: Owner) {
  const by = owner?.by ?? null;
  return by === null ? sql<boolean>`${sql.ref(column)} is null` : sql<boolean>`${sql.ref(column)} = ${by}`;
}
