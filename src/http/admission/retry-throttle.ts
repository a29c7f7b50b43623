import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** What refusals may cost the service: so many a second, and bytes of their bodies a second. */
const most = { requests: 250, bytes: 100e6 };

/** Seconds of that which are free at once. */
const burstSeconds = 0.2;

/** Seconds that a connection is not read at most. */
const longest = 20;

/** Clients that do not heed `Retry-After`. */
export interface RetryThrottle {
  /**
   * Tells of a request that is refused, and of the bytes that it wants to send.
   * @returns the seconds for which its connection is not read
   */
  refused(request: IncomingMessage, bytes: number): number;
  /** Whether a request had come back before its connection was read again. */
  isEarly(request: IncomingMessage): boolean;
}

/**
 * Clients that try again at once keep the service from what it has admitted: to refuse costs time, too, and the more the
 * more they send. A connection over which a request was refused is read again when that costs little. `Retry-After` tells
 * when that is: a client that heeds it does not notice, and those who do so do not all come back in the same moment.
 * @param now in seconds
 */
export function createRetryThrottle(now: () => number): RetryThrottle {
  /** Connections that are not read, and those that are read again in this turn. */
  const slowed = new WeakMap<Socket, 'unread' | 'resumed'>();
  let paidUntil = 0;

  /** Does not read a connection for so many seconds: at once, as timers may be late while many clients try again. */
  function pause(request: IncomingMessage, wait: number): void {
    const { socket } = request;
    // Of requests that come in one piece each may be refused.
    if (slowed.get(socket) === 'unread') return;
    slowed.set(socket, 'unread');
    const stay = () => socket.pause();
    // Node goes on by itself as soon as a request is answered.
    socket.on('resume', stay).pause();
    setTimeout(() => {
      socket.off('resume', stay).resume();
      slowed.set(socket, 'resumed');
      const forget = () => setImmediate(() => setImmediate(() => end(socket)));
      // What waited is read in this turn of the event loop, or behind the rest of the body.
      if (request.closed) forget();
      else request.once('close', forget);
    }, wait * 1000).unref();
  }

  function end(socket: Socket): void {
    if (slowed.get(socket) === 'resumed') slowed.delete(socket);
  }

  return {
    refused(request, bytes) {
      const time = now();
      const cost = 1 / most.requests + bytes / most.bytes;
      paidUntil = Math.min(Math.max(time, paidUntil) + cost, time + longest + burstSeconds);
      const wait = paidUntil - time - burstSeconds;
      if (wait > 0) pause(request, wait);
      return Math.max(0, wait);
    },
    isEarly: ({ socket }) => slowed.get(socket) === 'resumed',
  };
}
