import type { Socket } from 'node:net';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import { postgresTime } from './database-time.ts';
import type { Database, Tables } from './tables.ts';

/** Milliseconds to wait for a connection, and for the answer to a query. */
const connecting = 3000;
const answering = 15_000;

/** Any number will do, as long as every replica has the same. */
const migrationLock = 0x4e6f726d61;

/**
 * A PostgreSQL database. Nothing is connected yet: that is done, and done again, when there is something to ask.
 * @param connections open at once at most
 * @throws Error for an address that names a file which cannot be read, such as sslrootcert
 */
export function postgresDatabase(url: string, connections: number): Database {
  const pool = new pg.Pool({
    // What pg does for it, and would say in nine lines on standard error.
    connectionString: url.replace(/\bsslmode=(prefer|require|verify-ca)\b/, 'sslmode=verify-full'),
    application_name: 'norma',
    max: connections,
    keepAlive: true,
    connectionTimeoutMillis: connecting,
    query_timeout: answering,
    // On the side of the server, so that a replica that died holds no lock for long.
    statement_timeout: answering,
    idle_in_transaction_session_timeout: answering,
  });
  // A connection that breaks while nobody uses it is replaced; that the server is away is told by whoever asks it next.
  pool.on('error', () => undefined);
  pool.on('connect', (client) => {
    client.on('error', () => undefined);
    cutWhenLate(client);
  });
  const db = new Kysely<Tables>({
    dialect: new PostgresDialect({
      pool: { options: pool.options, connect: () => connect(pool), end: () => pool.end() },
    }),
  });
  return {
    db,
    types: { bytes: 'bytea', text: sql`text collate "C"` },
    time: postgresTime,
    locksRows: true,
    lockMigrations: async (tx) => void (await sql`select pg_advisory_xact_lock(${migrationLock})`.execute(tx)),
    isMissingTable: (error) => codeOf(error) === missingTable,
    isAway,
    isFull: (error) => codeOf(error) === diskFull,
    isReadOnly: (error) => codeOf(error) === readOnly,
    // What a server writes to delete something is a matter of its own disk.
    giveUpReserve: async () => false,
    async measure() {
      const { rows } = await sql<{ bytes: string }>`select coalesce(sum(pg_total_relation_size(c.oid)), 0) as bytes
        from pg_class c where c.relkind = 'r' and c.relname like 'norma\\_%' and pg_table_is_visible(c.oid)`.execute(
        db,
      );
      return { bytes: Number(rows[0].bytes) };
    },
    check: async () => undefined,
    mayComeBack: (error) => !isRefusal(error),
  };
}

/**
 * A connection. A pooler such as PgBouncer takes no time limits when a connection is made: it is asked without them, and
 * its own apply.
 */
async function connect(pool: pg.Pool): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    if (!/unsupported startup parameter/.test((error as Error).message)) throw error;
    Object.assign(pool.options, { statement_timeout: undefined, idle_in_transaction_session_timeout: undefined });
    return pool.connect();
  }
}

/** A connection whose server did not answer in time may never answer again: it is cut, and not kept for the next query. */
function cutWhenLate(client: pg.PoolClient): void {
  const { connection } = client as unknown as { connection: { stream: Socket } };
  const query = client.query.bind(client) as (...given: unknown[]) => Promise<unknown>;
  const cutting = (...given: unknown[]) =>
    query(...given).catch((error: unknown) => {
      if ((error as Error).message === 'Query read timeout') connection.stream.destroy();
      throw error;
    });
  client.query = cutting as typeof client.query;
}

/** SQLSTATE classes (appendix A of PostgreSQL's manual) of wrong data and wrong SQL. */
const ours = ['21', '22', '23', '26', '42'];

/** Those of a wrong password, and of a database that does not exist. */
const refusals = ['28', '3D'];

/** SQLSTATEs of a server whose disk is full, of one that takes no writes, and of a table that is not there. */
const [diskFull, readOnly, missingTable] = ['53100', '25006', '42P01'];

function codeOf(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** What neither wrong SQL nor wrong code explains comes from the server, from the network or from a time limit. */
function isAway(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return !ours.includes(error.code?.slice(0, 2) ?? '');
  return error instanceof Error && [Error, AggregateError].includes(error.constructor as ErrorConstructor);
}

/** What no waiting changes: a wrong password, no such database, no TLS where it is asked for, a certificate not trusted. */
function isRefusal(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined) return refusals.includes(code.slice(0, 2)) || ours.includes(code.slice(0, 2));
  const { message, code: reason, syscall } = error as NodeJS.ErrnoException;
  // Such as the file that sslrootcert names.
  if (syscall === 'open') return true;
  return /does not support SSL/.test(message) || /CERT|SIGNATURE|^ERR_TLS/.test(reason ?? '');
}
