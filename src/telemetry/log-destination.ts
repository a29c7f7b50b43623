import { write as writeFile } from 'node:fs';
import { countLoss } from './losses.ts';

/** Bytes of lines waiting to be written; further lines are dropped. */
const maxWaitingBytes = 2 ** 20;

/** Milliseconds in which lines are gathered to be written together: each write is handed to another thread. */
const gatherMs = 10;

/** Milliseconds until a failed write is retried. */
const [retryFullMs, retryFailedMs] = [100, 1000];

export interface LogDestination {
  write(line: string): void;
  /** Waits up to timeoutMs until all lines are written; false if some are not. */
  flush(timeoutMs: number): Promise<boolean>;
  /** Number of lines dropped so far. */
  dropped(): number;
}

/**
 * Writes lines to a file descriptor without ever blocking: with a full disk or an unread pipe, lines are dropped and counted.
 * @param onRecover called with the number of dropped lines once writing works again
 */
export function createLogDestination(
  descriptor: number,
  onRecover: (dropped: number) => void = () => undefined,
): LogDestination {
  let lines: string[] = [];
  let waitingBytes = 0;
  let current: Buffer | undefined;
  let currentLines = 0;
  let isScheduled = false;
  let isClosed = false;
  let dropped = 0;
  let reported = 0;
  const onEmpty: (() => void)[] = [];

  function drop(number: number): void {
    dropped += number;
    countLoss('log_line', number);
  }

  function schedule(): void {
    if (isScheduled || current) return;
    isScheduled = true;
    setTimeout(() => {
      // Unless somebody wanted them flushed before.
      if (isScheduled) writeNext();
    }, gatherMs);
  }

  function writeNext(): void {
    isScheduled = false;
    if (!current) {
      if (lines.length === 0) {
        for (const resolve of onEmpty.splice(0)) resolve();
        return;
      }
      current = Buffer.from(lines.join(''));
      currentLines = lines.length;
      lines = [];
    }
    writeFile(descriptor, current, (error, written) => (error ? retry(error) : advance(written)));
  }

  function advance(written: number): void {
    waitingBytes -= written;
    current = current && written < current.length ? current.subarray(written) : undefined;
    if (!current && dropped > reported) {
      const lost = dropped - reported;
      reported = dropped;
      onRecover(lost);
    }
    if (current || onEmpty.length > 0 || lines.length === 0) writeNext();
    else schedule();
  }

  function retry({ code }: NodeJS.ErrnoException): void {
    if (code === 'EPIPE' || code === 'EBADF') {
      close();
      return;
    }
    setTimeout(writeNext, code === 'EAGAIN' ? retryFullMs : retryFailedMs).unref();
  }

  /** The reader is gone for good. */
  function close(): void {
    drop(lines.length + (current ? currentLines : 0));
    isClosed = true;
    lines = [];
    current = undefined;
    writeNext();
  }

  return {
    write(line) {
      const bytes = Buffer.byteLength(line);
      if (isClosed || waitingBytes + bytes > maxWaitingBytes) {
        drop(1);
        return;
      }
      waitingBytes += bytes;
      lines.push(line);
      schedule();
    },
    flush(timeoutMs) {
      if (!current && lines.length === 0) return Promise.resolve(true);
      const { promise, resolve } = Promise.withResolvers<boolean>();
      const timer = setTimeout(() => resolve(false), timeoutMs);
      onEmpty.push(() => {
        clearTimeout(timer);
        resolve(true);
      });
      if (!current) writeNext();
      return promise;
    },
    dropped: () => dropped,
  };
}
