// The thread that a SQLite database lives in: node:sqlite waits for the disk, and the event loop must not.
import { statSync } from 'node:fs';
import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite';
import { setTimeout as sleep } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import { createRoom, removeReserve, type Room } from './sqlite-room.ts';

/** One statement, or something to do with the file; they are answered in the order in which they come. */
export type Question =
  | { sql: string; parameters: readonly SQLInputValue[] }
  | { do: 'give-up-reserve' | 'measure' | 'check' };

/** The first answer is about opening the file. Structured cloning drops an error's own fields, so they are sent beside it. */
export type Reply =
  | { rows: Record<string, unknown>[]; changes: number }
  | { error: { message: string; errcode: number | undefined } };

/** Milliseconds to wait for another process that writes. */
const busyTimeoutMs = 5000;

/** Statements that are kept prepared. */
const maxPreparedStatements = 200;

/** Bytes of a file that is read through when it is opened; a larger one would take seconds. */
const maxCheckedBytes = 2 ** 26;

/** Result codes (https://www.sqlite.org/rescode.html): a damaged file, a full disk, a file that cannot be opened. */
const [corrupt, full, cannotOpen] = [11, 13, 14];

interface OpenFile {
  database: DatabaseSync;
  /** Absent for a database in memory. */
  room?: Room;
  /** Throws if the file is not there any more, or another one is in its place. */
  check(): void;
}

const port = parentPort as NonNullable<typeof parentPort>;
const prepared = new Map<string, StatementSync>();
/** Whether the transaction deletes, or the statement, where there is none. */
let deletes = false;
/** Whether a deletion found the disk full: storing may not have its reserve. */
let needsReserve = false;
const file = workerData as string;
const opened = (await open()) as OpenFile;

port.on('message', (question: Question) => {
  reply(() => ('sql' in question ? execute(opened, question.sql, question.parameters) : act(opened, question.do)));
});

async function open(): Promise<OpenFile | undefined> {
  for (let waited = 0; ; waited += 50) {
    try {
      const database = new DatabaseSync(file, { timeout: busyTimeoutMs, enableForeignKeyConstraints: true });
      // Only before the first table: with it the file can become smaller again.
      database.exec('pragma auto_vacuum = incremental');
      // FULL: a commit is on the disk before it is acknowledged. NORMAL would lose the last ones with the machine's power.
      database.exec('pragma journal_mode = wal; pragma synchronous = full;');
      const made = file === ':memory:' ? { database, check: () => undefined } : openFile(database);
      reply(() => ({ rows: [], changes: 0 }));
      return made;
    } catch (error) {
      // Of processes that turn a new file to WAL at once, all but one are told at once that it is busy.
      if (isBusy(error) && waited < busyTimeoutMs) await sleep(50);
      // On a full disk there is not even room for the index of the log.
      else if (!removeReserve(file)) {
        reply(() => {
          throw error;
        });
        return undefined;
      }
    }
  }
}

function openFile(database: DatabaseSync): OpenFile {
  // A file that nobody may write to is told now, not with the first version that cannot be stored.
  database.exec('begin immediate; rollback');
  const { ino, size } = statSync(file);
  if (size <= maxCheckedBytes) checkPages(database);
  return {
    database,
    room: createRoom(file, database),
    check() {
      if (statSync(file, { throwIfNoEntry: false })?.ino === ino) return;
      throw failure(cannotOpen, 'the file was deleted or replaced while the service had it open: restart the service');
    },
  };
}

function checkPages(database: DatabaseSync): void {
  const [found] = database.prepare('pragma quick_check(1)').all().flatMap(Object.values);
  if (found !== 'ok')
    throw failure(corrupt, `the file is damaged, restore a backup: ${String(found).replaceAll('\n', ' ')}`);
}

function failure(errcode: number, message: string): Error {
  return Object.assign(new Error(message), { errcode });
}

function isBusy(error: unknown): boolean {
  return [5, 6].includes((error as { errcode?: number }).errcode ?? 0);
}

function execute({ database, room, check }: OpenFile, sql: string, parameters: readonly SQLInputValue[]): Reply {
  // SQLite has rolled a transaction back by itself when its disk was full: another rollback would fail, and hide why.
  if (sql === 'rollback' && !database.isTransaction) return { rows: [], changes: 0 };
  if (room && !database.isTransaction) {
    deletes = false;
    if (!sql.startsWith('select')) check();
    if (!sql.startsWith('select')) room.begin();
  }
  deletes ||= sql.startsWith('delete');
  if (/^(insert|update)/.test(sql)) room?.take(bytesOf(parameters));
  const done = run(prepared.get(sql) ?? prepare(database, sql), parameters);
  if (deletes && !database.isTransaction) room?.reclaim();
  return done;
}

function run(statement: StatementSync, parameters: readonly SQLInputValue[]): Reply {
  try {
    if (statement.columns().length > 0) return { rows: statement.all(...parameters), changes: 0 };
    return { rows: [], changes: Number(statement.run(...parameters).changes) };
  } catch (error) {
    needsReserve = deletes && (error as { errcode?: number }).errcode === full;
    throw error;
  }
}

function act({ database, room, check }: OpenFile, what: 'give-up-reserve' | 'measure' | 'check'): Reply {
  if (what === 'give-up-reserve') return { rows: [], changes: needsReserve && room?.giveUp() ? 1 : 0 };
  if (what === 'check') {
    check();
    return { rows: [], changes: 0 };
  }
  const size = 'select page_count * page_size as bytes from pragma_page_count, pragma_page_size';
  return { rows: [{ ...database.prepare(size).get(), freeBytes: room?.freeBytes() }], changes: 0 };
}

function bytesOf(parameters: readonly SQLInputValue[]): number {
  const lengthOf = (value: SQLInputValue) => {
    if (typeof value === 'string') return value.length;
    return ArrayBuffer.isView(value) ? value.byteLength : 8;
  };
  return parameters.reduce<number>((sum, value) => sum + lengthOf(value), 0);
}

function prepare(database: DatabaseSync, sql: string): StatementSync {
  if (prepared.size >= maxPreparedStatements) prepared.clear();
  const statement = database.prepare(sql);
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
