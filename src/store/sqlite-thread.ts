// The thread that a SQLite database lives in: node:sqlite waits for the disk, and the event loop must not.
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';

/** One statement; they are answered in the order in which they come. */
export interface Question {
  sql: string;
  parameters: readonly SQLInputValue[];
}

/** The first answer is about opening the file. Structured cloning drops an error's own fields, so they are sent beside it. */
export type Reply =
  | { rows: Record<string, unknown>[]; changes: number }
  | { error: { message: string; errcode: number | undefined } };

/** Milliseconds to wait for another process that writes. */
const busyTimeoutMs = 5000;

/** Statements that are kept prepared. */
const maxPreparedStatements = 200;

const port = parentPort as NonNullable<typeof parentPort>;
const prepared = new Map<string, StatementSync>();
const database = await open(workerData as string);

port.on('message', ({ sql, parameters }: Question) => reply(() => execute(database as DatabaseSync, sql, parameters)));

async function open(file: string): Promise<DatabaseSync | undefined> {
  for (let waited = 0; ; waited += 50) {
    try {
      const opened = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
      // FULL: a commit is on the disk before it is acknowledged. NORMAL would lose the last ones with the machine's power.
      opened.exec('pragma journal_mode = wal; pragma synchronous = full;');
      reply(() => ({ rows: [], changes: 0 }));
      return opened;
    } catch (error) {
      // Of processes that turn a new file to WAL at once, all but one are told at once that it is busy.
      if (isBusy(error) && waited < busyTimeoutMs) await sleep(50);
      else {
        reply(() => {
          throw error;
        });
        return undefined;
      }
    }
  }
}

function isBusy(error: unknown): boolean {
  return [5, 6].includes((error as { errcode?: number }).errcode ?? 0);
}

function execute(opened: DatabaseSync, sql: string, parameters: readonly SQLInputValue[]): Reply {
  // SQLite has rolled a transaction back by itself when its disk was full: another rollback would fail, and hide why.
  if (sql === 'rollback' && !opened.isTransaction) return { rows: [], changes: 0 };
  const statement = prepared.get(sql) ?? prepare(opened, sql);
  if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0 };
  return { rows: [], changes: Number(statement.run(...parameters).changes) };
}

function prepare(opened: DatabaseSync, sql: string): StatementSync {
  if (prepared.size >= maxPreparedStatements) prepared.clear();
  const statement = opened.prepare(sql);
  prepared.set(sql, statement);
  return statement;
}

function reply(work: () => Reply): void {
  try {
    const done = work();
    port.postMessage(done, 'rows' in done ? buffersIn(done.rows) : []);
  } catch (error) {
    const { message, errcode } = error as Error & { errcode?: number };
    port.postMessage({ error: { message, errcode } } satisfies Reply);
  }
}

/** Documents go over by transfer. */
function buffersIn(rows: readonly Record<string, unknown>[]): ArrayBuffer[] {
  return rows.flatMap((row) =>
    Object.values(row).flatMap((value) => (value instanceof Uint8Array ? [value.buffer as ArrayBuffer] : [])),
  );
}
