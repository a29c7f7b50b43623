import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Refused requests a second that cost the service little, and how many at once. */
const [mostASecond, burst] = [1000, 50];

/** Milliseconds that a connection is not read at most: `Retry-After` is a second at least. */
const longest = 1000;

/** Clients that do not heed `Retry-After`. */
export interface Retries {
  /** Tells of a request that is refused. */
  refused(request: IncomingMessage): void;
  /** Whether a request had come back before its connection was read again. */
  isEarly(request: IncomingMessage): boolean;
}

/**
 * Clients that try again at once keep the service from what it has admitted: to refuse costs time, too. A connection over
 * which a request was refused is read again as soon as that costs little, and after a second in any case; a client that
 * heeds `Retry-After` does not notice.
 * @param now in milliseconds
 */
export function slowRetries(now: () => number): Retries {
  const resumed = new WeakSet<Socket>();
  let paidUntil = 0;

  function pause(socket: Socket, wait: number): void {
    if (socket.destroyed) return;
    socket.pause();
    setTimeout(resume, wait, socket).unref();
  }

  function resume(socket: Socket): void {
    socket.resume();
    resumed.add(socket);
    // What waited is read in this turn of the event loop.
    setImmediate(() => setImmediate(() => resumed.delete(socket)));
  }

  return {
    refused(request) {
      const time = now();
      paidUntil = Math.min(Math.max(time, paidUntil) + 1000 / mostASecond, time + longest + burst);
      const wait = paidUntil - time - (1000 * burst) / mostASecond;
      // Not before its end, which Node reads to by itself.
      if (wait > 0) request.once('close', () => pause(request.socket, wait));
    },
    isEarly: ({ socket }) => resumed.has(socket),
  };
}
