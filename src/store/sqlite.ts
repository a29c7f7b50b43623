import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Question, Reply } from './sqlite-thread.ts';
import type { Database, Tables } from './tables.ts';

/**
 * A SQLite file, or a database in memory that ends with the process.
 * @param file a path, or `:memory:`
 */
export function sqliteDatabase(file: string): Database {
  const db = new Kysely<Tables>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => driverOf(file),
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
    isAway: (error) => error instanceof SqliteError && !isOurs(error.errcode),
    isFull: (error) => error instanceof SqliteError && error.errcode === full,
    mayComeBack: () => false,
  };
}

class SqliteError extends Error {
  readonly errcode: number | undefined;

  constructor({ message, errcode }: { message: string; errcode: number | undefined }) {
    super(message);
    this.name = 'SqliteError';
    this.errcode = errcode;
  }
}

/** The result code (https://www.sqlite.org/rescode.html) of a disk that is full. */
const full = 13;

/** Those of wrong SQL: ERROR, CONSTRAINT, MISMATCH, MISUSE, RANGE. */
function isOurs(errcode: number | undefined): boolean {
  return errcode === undefined || [1, 19, 20, 21, 25].includes(errcode & 0xff);
}

/** One connection, in a thread of its own. Kysely hands it to one query or transaction at a time. */
function driverOf(file: string): Driver {
  let thread: Thread;
  const connection: DatabaseConnection = {
    async executeQuery<Row>({ sql, parameters }: CompiledQuery) {
      const { rows, changes } = await thread.ask({ sql, parameters: parameters as Question['parameters'] });
      return { rows: rows as Row[], numAffectedRows: BigInt(changes) };
    },
    streamQuery() {
      throw new Error('Streaming is not supported.');
    },
  };
  const run = async (sql: string) => void (await connection.executeQuery(CompiledQuery.raw(sql)));
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
    if ('error' in reply) throw new SqliteError(reply.error);
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
