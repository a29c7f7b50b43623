import { sql } from 'kysely';
import type { Database } from './tables.ts';

/** The clock of a PostgreSQL server. */
export const postgresTime: Database['time'] = {
  now: sql`to_char(now() at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
  in: (seconds) =>
    sql`to_char((now() + make_interval(secs => ${seconds}::double precision)) at time zone 'utc', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`,
};

/** The clock of the machine, as SQLite reads it. */
export const sqliteTime: Database['time'] = {
  now: sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now')`,
  in: (seconds) => sql`strftime('%Y-%m-%dT%H:%M:%fZ', 'now', ${`${seconds} seconds`})`,
};
