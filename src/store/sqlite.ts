import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { SQLInputValue } from 'node:sqlite';
import { Worker } from 'node:worker_threads';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  sql,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Question, Reply } from './sqlite-thread.ts';
import { sqliteTime } from './database-time.ts';
import type { Database, StoreSize, Tables } from './tables.ts';

/**
 * A SQLite file, or a database in memory that ends with the process.
 * @param file a path, or `:memory:`
 */
export function sqliteDatabase(file: string): Database {
  const driver = driverOf(file);
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driver,
      createIntrospector: (of) => new SqliteIntrospector(of),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
  return {
    db,
    types: { bytes: 'blob', text: 'text' },
    locksRows: false,
    // A transaction has the whole database from its first statement on.
    lockMigrations: async () => undefined,
    time: sqliteTime,
    async findForeignTables() {
      const { rows } = await sql<{ name: string }>`select name from sqlite_master
        where type = 'table' and name not like 'norma\\_%' escape '\\' and name not like 'sqlite\\_%' escape '\\'`.execute(
        db,
      );
      return rows.map(({ name }) => name);
    },
    isMissingTable: (error) => error instanceof SqliteError && /no such table/.test(error.message),
    isAway: (error) => error instanceof SqliteError && !isOurs(error.errcode),
    isFull: (error) => error instanceof SqliteError && primary(error) === full,
    isReadOnly: (error) => error instanceof SqliteError && primary(error) === readOnly,
    giveUpReserve: async () => (await driver.act('give-up-reserve')).changes > 0,
    async measure() {
      const [size] = (await driver.act('measure')).rows;
      return size as unknown as StoreSize;
    },
    check: async () => void (await driver.act('check')),
    mayComeBack: () => false,
  };
}

class SqliteError extends Error {
  readonly errcode: number | undefined;

  constructor(file: string, { message, errcode }: { message: string; errcode: number | undefined }) {
    super(`${file}: ${message}`);
    this.name = 'SqliteError';
    this.errcode = errcode;
  }
}

/** The result codes (https://www.sqlite.org/rescode.html) of a file that may not be written to, and of a full disk. */
const [readOnly, full] = [8, 13];

/** The result code without what extends it. */
function primary({ errcode }: SqliteError): number {
  return (errcode ?? 1) & 0xff;
}

/** Those of wrong SQL: ERROR, CONSTRAINT, MISMATCH, MISUSE, RANGE. */
function isOurs(errcode: number | undefined): boolean {
  return errcode === undefined || [1, 19, 20, 21, 25].includes(errcode & 0xff);
}

/** The driver, and what is done with the file beside statements; that waits until it is open. */
type FileDriver = Driver & { act(what: Extract<Question, { do: string }>['do']): ReturnType<Thread['ask']> };

/** One connection, in a thread of its own. Kysely hands it to one query or transaction at a time. */
function driverOf(file: string): FileDriver {
  let thread: Thread;
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql: text, parameters }: CompiledQuery) {
      const { rows, changes } = await thread.ask({ sql: text, parameters: parameters as readonly SQLInputValue[] });
      return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
    },
    streamQuery() {
      throw new Error('Streaming is not supported.');
    },
  };
  const run = async (text: string) => void (await connection.executeQuery(CompiledQuery.raw(text)));
  return {
    async init() {
      if (file !== ':memory:') await mkdir(dirname(file), { recursive: true });
      thread = await startThread(file);
    },
    acquireConnection: async () => connection,
    // At once, not with the first write: a read that turns into a write could find that another process was faster.
    beginTransaction: () => run('begin immediate'),
    commitTransaction: () => run('commit'),
    rollbackTransaction: () => run('rollback'),
    releaseConnection: async () => undefined,
    destroy: () => thread.close(),
    act: (what) => thread.ask({ do: what }),
  };
}

interface Thread {
  ask(question: Question): Promise<Exclude<Reply, { error: unknown }>>;
  close(): Promise<void>;
}

/** @throws SqliteError when the file cannot be opened */
async function startThread(file: string): Promise<Thread> {
  const worker = new Worker(new URL('./sqlite-thread.ts', import.meta.url), { workerData: file, name: 'store' });
  const waiting: ((reply: Reply) => void)[] = [];
  worker.on('message', (reply: Reply) => waiting.shift()?.(reply));
  // An unexpected exit may leave a transaction open, so the process ends as well.
  worker.on('error', (error) => {
    throw error;
  });
  const answered = async () => {
    const reply = await new Promise<Reply>((resolve) => waiting.push(resolve));
    if ('error' in reply) throw new SqliteError(file, reply.error);
    return reply;
  };
  try {
    await answered();
  } catch (error) {
    await worker.terminate();
    throw error;
  }
  return {
    ask(question) {
      worker.postMessage(question);
      return answered();
    },
    // Only what is answered is done: nothing is lost with the thread.
    close: async () => void (await worker.terminate()),
  };
}
