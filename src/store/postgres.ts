import type { Socket } from 'node:net';
import { Kysely, PostgresDialect, sql } from 'kysely';
import pg from 'pg';
import type { Database, Tables } from './tables.ts';

/** Connections of one replica. */
const maxConnections = 10;

/** Milliseconds to wait for a connection, and for the answer to a query. */
const connecting = 3000;
const answering = 15_000;

/** Any number will do, as long as every replica has the same. */
const migrationLock = 0x4e6f726d61;

/**
 * A PostgreSQL database. Nothing is connected yet: that is done, and done again, when there is something to ask.
 * @param onError what is told of connections that break while nobody uses them
 */
export function postgresDatabase(url: string, onError: (error: Error) => void): Database {
  const pool = new pg.Pool({
    connectionString: url,
    application_name: 'norma',
    max: maxConnections,
    keepAlive: true,
    connectionTimeoutMillis: connecting,
    query_timeout: answering,
    // On the side of the server, so that a replica that died holds no lock for long.
    statement_timeout: answering,
    idle_in_transaction_session_timeout: answering,
  });
  pool.on('error', onError);
  pool.on('connect', (client) => {
    client.on('error', onError);
    cutWhenLate(client);
  });
  return {
    db: new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) }),
    types: { bytes: 'bytea', text: sql`text collate "C"` },
    locksRows: true,
    lockMigrations: async (tx) => void (await sql`select pg_advisory_xact_lock(${migrationLock})`.execute(tx)),
    isAway,
    isFull: (error) => error instanceof pg.DatabaseError && error.code === diskFull,
    mayComeBack: (error) => !(error instanceof pg.DatabaseError && refusals.includes(error.code?.slice(0, 2) ?? '')),
  };
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

/** The SQLSTATE of a server whose disk is full. */
const diskFull = '53100';

/** What neither wrong SQL nor wrong code explains comes from the server, from the network or from a time limit. */
function isAway(error: unknown): boolean {
  if (error instanceof pg.DatabaseError) return !ours.includes(error.code?.slice(0, 2) ?? '');
  return error instanceof Error && [Error, AggregateError].includes(error.constructor as ErrorConstructor);
}
