import { type ExpressionBuilder, type Kysely, type Selectable, sql } from 'kysely';
import type { Tables } from './tables.ts';

/** A version as a path names it: by its number, by an alias, or undefined for the newest. */
export type VersionReference = number | string | undefined;

/** What is said of a version beside its document. */
export interface VersionLabels {
  description: string | null;
  tags: Readonly<Record<string, string>>;
}

/** One version of a stored normalizer with all that is known of it but its document. */
export interface VersionDetails extends VersionLabels {
  name: string;
  version: number;
  method: string;
  /** SHA-256 of the document, base64url. */
  digest: string;
  /** ISO 8601. */
  createdAt: string;
  /** The name of the key or token that stored it. */
  createdBy: string | null;
  /** JSON of what lists tell of the document; null where it was stored by an earlier release. */
  summary: string | null;
  /** In the order of their bytes. */
  aliases: readonly string[];
}

/** Which names a list has, by the version of each that the list shows. */
export interface NameFilter {
  /** Names that have this alias; the list then shows the version that it names instead of the newest. */
  alias?: string;
  method?: string;
  /** A tag and its value. */
  tag?: readonly [name: string, value: string];
}

const detailColumns = [
  'name',
  'version',
  'method',
  'digest',
  'created_at',
  'description',
  'tags',
  'created_by',
  'summary',
] as const;

type DetailRow = Pick<Selectable<Tables['norma_versions']>, (typeof detailColumns)[number]>;

/** Limits a query to the version that a reference names. */
export function selectVersion(db: Kysely<Tables>, name: string, reference: VersionReference) {
  const query = db.selectFrom('norma_versions').where('norma_versions.name', '=', name);
  if (typeof reference === 'number') return query.where('norma_versions.version', '=', reference);
  if (reference === undefined) return query.orderBy('norma_versions.version', 'desc').limit(1);
  return query.where('norma_versions.version', '=', aliasedVersion(name, reference));
}

function aliasedVersion(name: string, alias: string) {
  return ({ selectFrom }: ExpressionBuilder<Tables, 'norma_versions'>) =>
    selectFrom('norma_aliases')
      .select('norma_aliases.version')
      .where('norma_aliases.name', '=', name)
      .where('norma_aliases.alias', '=', alias);
}

export async function findDetails(
  db: Kysely<Tables>,
  name: string,
  reference: VersionReference,
): Promise<VersionDetails | undefined> {
  const row = await selectVersion(db, name, reference).select(detailColumns).executeTakeFirst();
  return row && (await withAliases(db, [row]))[0];
}

/** The versions of a name in their order, from the one after `after` on. */
export async function listDetails(
  db: Kysely<Tables>,
  name: string,
  limit: number,
  after: number,
): Promise<VersionDetails[]> {
  const rows = await db
    .selectFrom('norma_versions')
    .select(detailColumns)
    .where('name', '=', name)
    .where('version', '>', after)
    .orderBy('version')
    .limit(limit)
    .execute();
  return withAliases(db, rows);
}

/** Each name once, in the order of their bytes, from the one after `after` on. */
export async function listNames(
  db: Kysely<Tables>,
  limit: number,
  after: string,
  { alias, method, tag }: NameFilter,
): Promise<(VersionDetails & { versions: number })[]> {
  const counted = db
    .selectFrom('norma_versions')
    .select(({ fn }) => ['name', fn.max('version').as('newest'), fn.countAll().as('versions')])
    .where('name', '>', after)
    .groupBy('name');
  const rows = await db
    .selectFrom(counted.as('counted'))
    .leftJoin('norma_aliases as alias', (join) =>
      join.onRef('alias.name', '=', 'counted.name').on('alias.alias', '=', alias ?? ''),
    )
    .innerJoin('norma_versions as shown', (join) =>
      join
        .onRef('shown.name', '=', 'counted.name')
        .on((eb) => eb('shown.version', '=', eb.fn.coalesce('alias.version', 'counted.newest'))),
    )
    .select(detailColumns.map((column) => `shown.${column}` as const))
    .select('counted.versions')
    .$if(alias !== undefined, (query) => query.where('alias.version', 'is not', null))
    .$if(method !== undefined, (query) => query.where('shown.method', '=', method as string))
    .$if(tag !== undefined, (query) => query.where(hasTag(tag as readonly [string, string])))
    .orderBy('shown.name')
    .limit(limit)
    .execute();
  const detailed = await withAliases(db, rows);
  return detailed.map((one, at) => ({ ...one, versions: Number(rows[at].versions) }));
}

/** The member stands in the text of the object, behind a brace or a comma: in a string its quotes would be escaped. */
function hasTag([name, value]: readonly [string, string]) {
  const member = `${JSON.stringify(name)}:${JSON.stringify(value)}`;
  const without = sql<string>`replace(replace(shown.tags, ${`{${member}`}, ''), ${`,${member}`}, '')`;
  return sql<boolean>`${without} <> shown.tags`;
}

async function withAliases(db: Kysely<Tables>, rows: readonly DetailRow[]): Promise<VersionDetails[]> {
  if (rows.length === 0) return [];
  const names = [...new Set(rows.map(({ name }) => name))];
  const aliases = await db
    .selectFrom('norma_aliases')
    .select(['name', 'alias', 'version'])
    .where('name', 'in', names)
    .orderBy('alias')
    .execute();
  const aliasesOf = Map.groupBy(aliases, ({ name, version }) => `${version} ${name}`);
  return rows.map(({ name, version, method, digest, created_at, description, tags, created_by, summary }) => ({
    name,
    version,
    method,
    digest,
    createdAt: created_at,
    description,
    tags: JSON.parse(tags) as Record<string, string>,
    createdBy: created_by,
    summary,
    aliases: (aliasesOf.get(`${version} ${name}`) ?? []).map(({ alias }) => alias),
  }));
}

/** An object of strings as a row holds it: its keys in order, so that equal tags are equal texts. */
export function writeTags(tags: Readonly<Record<string, string>>): string {
  return JSON.stringify(Object.fromEntries(Object.entries(tags).sort(([a], [b]) => (a < b ? -1 : 1))));
}
