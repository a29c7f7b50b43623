import type { Transaction } from 'kysely';
import type { Database, Tables } from './tables.ts';

type Migration = (tx: Transaction<Tables>, types: Database['types']) => Promise<void>;

/** Each runs once per database, in this order. A released one never changes: what is new is added at the end. */
const migrations: readonly Migration[] = [createTables, addAliases, addTransformCounts];

/**
 * Brings a database up to date. Replicas that start at once wait for each other, and one of them does the work.
 * @throws Error when a newer release has migrated this database
 */
export async function migrate({ db, types, lockMigrations }: Database): Promise<void> {
  await db.transaction().execute(async (tx) => {
    await lockMigrations(tx);
    await tx.schema
      .createTable('norma_migrations')
      .ifNotExists()
      .addColumn('step', 'integer', (column) => column.primaryKey())
      .execute();
    const { done } = await tx
      .selectFrom('norma_migrations')
      .select(({ fn }) => fn.max('step').as('done'))
      .executeTakeFirstOrThrow();
    const next = done === null ? 0 : Number(done) + 1;
    if (next > migrations.length)
      throw new Error('NORMA_STORE has tables from a newer version of this service, which this version cannot read.');
    for (let step = next; step < migrations.length; step++) {
      await migrations[step](tx, types);
      await tx.insertInto('norma_migrations').values({ step }).execute();
    }
  });
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
