import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';

/** Budget for refusals: requests per second, and bytes of their bodies per second. */
const most = { requests: 250, bytes: 100e6 };

/** Seconds of that budget that may be spent at once. */
const burstSeconds = 0.2;

/** Maximum seconds that a connection is paused. */
const longest = 20;

/** Pauses the connections of clients that ignore Retry-After. */
export interface RetryThrottle {
  /**
   * Records a refused request and the bytes that it is about to send, and pauses its connection.
   * @returns the seconds for which the connection is paused
   */
  refused(request: IncomingMessage, bytes: number): number;
  /** Whether a request was sent while its connection was paused. */
  isEarly(request: IncomingMessage): boolean;
}

/**
 * Clients that retry at once slow down the admitted requests, because refusing costs time too, and more with larger
 * bodies. So after a refusal, the connection is not read until the next refusal would be affordable. `Retry-After` says
 * when: clients that honor it do not notice, and do not all return at the same moment.
 * @param now in seconds
 */
export function createRetryThrottle(now: () => number): RetryThrottle {
  /** Paused connections, and those resumed in this turn. */
  const slowed = new WeakMap<Socket, 'unread' | 'resumed'>();
  let paidUntil = 0;

  /** Pauses a connection for some seconds, synchronously, because timers may be late while many clients retry. */
  function pause(request: IncomingMessage, wait: number): void {
    const { socket } = request;
    // Several pipelined requests may be refused.
    if (slowed.get(socket) === 'unread') return;
    slowed.set(socket, 'unread');
    const stay = () => socket.pause();
    // Node itself resumes the socket once a request is answered.
    socket.on('resume', stay).pause();
    setTimeout(() => {
      socket.off('resume', stay).resume();
      slowed.set(socket, 'resumed');
      const forget = () => setImmediate(() => setImmediate(() => end(socket)));
      // What was waiting is read in this turn of the event loop, or after the rest of the body.
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
