import type { Kysely, Transaction } from 'kysely';
import type { Database, Tables } from './tables.ts';

type Migration = (tx: Transaction<Tables>, types: Database['types']) => Promise<void>;

/** Each runs once per database, in this order. A released one never changes: what is new is added at the end. */
const migrations: readonly Migration[] = [createTables, addAliases, addTransformCounts, addCreators];

/** Tables that this release cannot work with, whatever is tried. */
export class SchemaError extends Error {
  override readonly name = 'SchemaError';
}

/** The steps that a database has been through; 0 for one without tables. */
export async function countSteps({ db, isMissingTable }: Pick<Database, 'db' | 'isMissingTable'>): Promise<number> {
  try {
    return await stepsDone(db);
  } catch (error) {
    if (isMissingTable(error)) return 0;
    throw error;
  }
}

/**
 * Looks before anything is changed: a role without the right to create tables can use those that are up to date.
 * @param migrates whether tables of an earlier release, or none, are brought up to date
 * @throws SchemaError for tables of a newer release, and for others that must not be migrated here
 */
export async function prepareSchema(database: Database, migrates: boolean): Promise<void> {
  const done = await countSteps(database);
  refuseNewer(done);
  if (done === migrations.length) return;
  if (migrates) await migrate(database);
  else
    throw new SchemaError(
      `The tables are of schema ${done}, and this release needs ${migrations.length}. Run the command migrate first, or set NORMA_MIGRATE=on.`,
    );
}

/**
 * Brings a database up to date. Replicas that start at once wait for each other, and one of them does the work.
 * @param to the steps that it has afterwards; by default all
 * @returns how many steps it had, and has
 * @throws SchemaError when a newer release has been there, or another application
 */
export async function migrate(database: Database, to = migrations.length): Promise<{ from: number; to: number }> {
  if ((await countSteps(database)) === 0) await refuseForeign(database);
  return database.db.transaction().execute((tx) => migrateIn(tx, database, to));
}

/** The same in a transaction that does more. */
export async function migrateIn(
  tx: Transaction<Tables>,
  { types, lockMigrations }: Pick<Database, 'types' | 'lockMigrations'>,
  to = migrations.length,
): Promise<{ from: number; to: number }> {
  await lockMigrations(tx);
  await tx.schema
    .createTable('norma_migrations')
    .ifNotExists()
    .addColumn('step', 'integer', (column) => column.primaryKey())
    .execute();
  const from = await stepsDone(tx);
  refuseNewer(from);
  for (let step = from; step < to; step++) {
    await migrations[step](tx, types);
    await tx.insertInto('norma_migrations').values({ step }).execute();
  }
  return { from, to: Math.max(from, to) };
}

async function stepsDone(db: Kysely<Tables>): Promise<number> {
  const { last } = await db
    .selectFrom('norma_migrations')
    .select(({ fn }) => fn.max('step').as('last'))
    .executeTakeFirstOrThrow();
  return last === null ? 0 : Number(last) + 1;
}

function refuseNewer(done: number): void {
  if (done > migrations.length)
    throw new SchemaError(
      `The tables are of schema ${done}, from a newer release of this service; this one knows ${migrations.length}. Start the newer release, or restore the backup that was made before it.`,
    );
}

async function refuseForeign({ findForeignTables }: Database): Promise<void> {
  const tables = (await findForeignTables?.()) ?? [];
  if (tables.length > 0)
    throw new SchemaError(`The file is the database of another application: it has the table ${tables[0]}.`);
}

async function createTables(tx: Transaction<Tables>, { bytes, text }: Database['types']): Promise<void> {
  await tx.schema
    .createTable('norma_names')
    .addColumn('name', text, (column) => column.primaryKey())
    .addColumn('last_version', 'integer', (column) => column.notNull())
    .execute();
  await tx.schema
    .createTable('norma_versions')
    .addColumn('name', text, (column) => column.notNull().references('norma_names.name'))
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('method', 'text', (column) => column.notNull())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('created_at', text, (column) => column.notNull())
    .addColumn('coding', 'text', (column) => column.notNull())
    .addColumn('document', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('norma_versions_key', ['name', 'version'])
    .execute();
  await tx.schema
    .createTable('norma_fits')
    .addColumn('id', text, (column) => column.primaryKey())
    .addColumn('normalizer', 'text', (column) => column.notNull())
    .addColumn('created_at', text, (column) => column.notNull())
    .addColumn('expires_at', text, (column) => column.notNull())
    .addColumn('revision', 'integer', (column) => column.notNull())
    .addColumn('committed_at', text)
    .addColumn('name', text)
    .addColumn('version', 'integer')
    .addColumn('coding', 'text')
    .addColumn('document', bytes)
    .execute();
  await tx.schema.createIndex('norma_fits_expiry').on('norma_fits').column('expires_at').execute();
  await tx.schema
    .createTable('norma_parts')
    .addColumn('fit_id', text, (column) => column.notNull().references('norma_fits.id').onDelete('cascade'))
    .addColumn('part', text, (column) => column.notNull())
    .addColumn('shape', 'text', (column) => column.notNull())
    .addColumn('samples', 'double precision', (column) => column.notNull())
    .addColumn('created_at', text, (column) => column.notNull())
    .addColumn('coding', 'text', (column) => column.notNull())
    .addColumn('document', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('norma_parts_key', ['fit_id', 'part'])
    .execute();
  await tx.schema
    .createTable('norma_answers')
    .addColumn('key', text, (column) => column.primaryKey())
    .addColumn('digest', 'text', (column) => column.notNull())
    .addColumn('expires_at', text, (column) => column.notNull())
    .addColumn('status', 'integer', (column) => column.notNull())
    .addColumn('location', 'text')
    .addColumn('coding', 'text', (column) => column.notNull())
    .addColumn('body', bytes, (column) => column.notNull())
    .execute();
  await tx.schema.createIndex('norma_answers_expiry').on('norma_answers').column('expires_at').execute();
}

async function addAliases(tx: Transaction<Tables>, { text }: Database['types']): Promise<void> {
  const versions = () => tx.schema.alterTable('norma_versions');
  await versions().addColumn('description', 'text').execute();
  await versions()
    .addColumn('tags', 'text', (column) => column.notNull().defaultTo('{}'))
    .execute();
  await versions().addColumn('created_by', 'text').execute();
  await versions().addColumn('summary', 'text').execute();
  await tx.schema
    .createTable('norma_aliases')
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('alias', text, (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('updated_at', text, (column) => column.notNull())
    .addColumn('updated_by', 'text')
    .addPrimaryKeyConstraint('norma_aliases_key', ['name', 'alias'])
    // No alias names a version that is not there, whatever runs at the same time.
    .addForeignKeyConstraint('norma_aliases_version', ['name', 'version'], 'norma_versions', ['name', 'version'])
    .execute();
}

async function addTransformCounts(tx: Transaction<Tables>, { bytes, text }: Database['types']): Promise<void> {
  await tx.schema
    .createTable('norma_transform_counts')
    .addColumn('name', text, (column) => column.notNull())
    .addColumn('version', 'integer', (column) => column.notNull())
    .addColumn('started_at', text, (column) => column.notNull())
    .addColumn('replica', text, (column) => column.notNull())
    .addColumn('expires_at', text, (column) => column.notNull())
    .addColumn('counts', bytes, (column) => column.notNull())
    .addPrimaryKeyConstraint('norma_transform_counts_key', ['name', 'version', 'started_at', 'replica'])
    .execute();
  await tx.schema
    .createIndex('norma_transform_counts_expiry')
    .on('norma_transform_counts')
    .column('expires_at')
    .execute();
}

/** Who began a fit, and an index by which the versions of one key are counted. */
async function addCreators(tx: Transaction<Tables>): Promise<void> {
  await tx.schema.alterTable('norma_fits').addColumn('created_by', 'text').execute();
  await tx.schema.createIndex('norma_versions_creator').on('norma_versions').columns(['created_by', 'name']).execute();
}
