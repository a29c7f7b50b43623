import { randomBytes } from 'node:crypto';
import { existsSync, rmSync, statfsSync, statSync, writeFileSync } from 'node:fs';
import { dirname, resolve } from 'node:path';
import type { DatabaseSync } from 'node:sqlite';

/** The room on a disk that SQLite needs so that a full one can always be emptied. */
export interface Room {
  /** Called before a transaction: makes room where there is little. */
  begin(): void;
  /**
   * Called before bytes are stored in a transaction.
   * @throws Error with SQLite's code of a full disk, while there is room to delete
   */
  take(bytes: number): void;
  /** Gives up the file that is kept for a full disk; false if it is gone already. */
  giveUp(): boolean;
  /** Called after a deletion: gives its room back to the disk where there is little, and keeps the reserve again. */
  reclaim(): void;
  freeBytes(): number | undefined;
}

/** Bytes of the reserve: an eighth of a small disk. */
const maxReserve = 2 ** 24;
const shareOfDisk = 8;

/** What a transaction writes beside its values: pages that it touches, whole. */
const overheadBytes = 2 ** 18;

/** Pages that are moved at once when the file is made smaller, so that the log stays small. */
const pagesAtOnce = 128;

/** Milliseconds that one transaction waits for the file to become smaller. */
const maxShrinkMs = 100;

const full = 13;

/** Gives up the file that is kept for a full disk; false if it is not there. */
export function removeReserve(file: string): boolean {
  if (!existsSync(reserveOf(file))) return false;
  rmSync(reserveOf(file), { force: true });
  return true;
}

function reserveOf(file: string): string {
  return `${file}-reserve`;
}

/**
 * Keeps a file of its size beside the database, which is deleted when a deletion finds no room: its pages go through the
 * write-ahead log first, and the log is only emptied while the database may grow.
 */
export function createRoom(file: string, database: DatabaseSync): Room {
  const folder = dirname(resolve(file));
  const reserve = reserveOf(file);
  const size = reserveSize();
  const numberOf = (pragma: string) => Number(Object.values(database.prepare(`pragma ${pragma}`).get() ?? {})[0]);
  const pageSize = numberOf('page_size');
  let taken = 0;
  if (size > 0) keepReserve();

  function reserveSize(): number {
    try {
      const { blocks, bsize } = statfsSync(folder);
      return Math.min(maxReserve, Math.floor((blocks * bsize) / shareOfDisk));
    } catch {
      return 0;
    }
  }

  function freeBytes(): number | undefined {
    try {
      const { bavail, bsize } = statfsSync(folder);
      return bavail * bsize;
    } catch {
      return undefined;
    }
  }

  /** What is free for storing: the reserve is not, where it could not be kept as a file. */
  function available(): number {
    const free = size > 0 ? freeBytes() : undefined;
    if (free === undefined) return Number.POSITIVE_INFINITY;
    return free - (existsSync(reserve) ? 0 : size);
  }

  function logBytes(): number {
    return statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }

  function keepReserve(): void {
    if (existsSync(reserve) || available() < size) return;
    try {
      // Random, because some file systems keep no room for zeros.
      writeFileSync(reserve, randomBytes(size), { flag: 'wx', mode: 0o600 });
    } catch {
      rmSync(reserve, { force: true });
    }
  }

  function emptyLog(): void {
    try {
      database.exec('pragma wal_checkpoint(truncate)');
    } catch {
      // The file cannot grow now: the log keeps what it has.
    }
  }

  function isTight(): boolean {
    return available() < logBytes() + 2 * size;
  }

  /** Makes the file smaller by pages that are not used. */
  function shrink(): void {
    const until = performance.now() + maxShrinkMs;
    emptyLog();
    try {
      if (numberOf('auto_vacuum') === 2) {
        while (numberOf('freelist_count') > 0 && performance.now() < until) {
          database.exec(`pragma incremental_vacuum(${pagesAtOnce})`);
          emptyLog();
        }
        return;
      }
      // A file of an earlier release becomes smaller as a whole, once there is room for a copy of what is left.
      const unused = numberOf('freelist_count');
      const pagesOfCopy = 2 * (numberOf('page_count') - unused);
      if (unused === 0 || pagesOfCopy * pageSize > (freeBytes() ?? 0)) return;
      database.exec('pragma auto_vacuum = incremental; vacuum');
      emptyLog();
    } catch {
      // There is no room even for that: the next deletion tries again.
    }
  }

  return {
    begin() {
      taken = 0;
      if (isTight()) shrink();
    },
    take(bytes) {
      taken += bytes + bytes / 16;
      const log = logBytes();
      const unused = numberOf('freelist_count') * pageSize;
      const needed = overheadBytes + taken + Math.max(0, log + taken - unused);
      if (available() >= needed) return;
      throw Object.assign(new Error('database or disk is full: the rest is kept for deletions'), { errcode: full });
    },
    giveUp: () => removeReserve(file),
    reclaim() {
      if (isTight()) shrink();
      keepReserve();
    },
    freeBytes,
  };
}
