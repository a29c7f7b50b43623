import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';

/** Bytes that are read ahead of whoever reads a body, once that is asked for: what two kernels hold of a connection, and more. */
const maxReadAheadBytes = 16 * 2 ** 20;

/** A request's body. */
export interface BodyStream extends Readable {
  /**
   * Reads on, although nobody has a use for the bytes yet: that its client has left is only learned behind the last byte
   * that it had sent.
   */
  readAhead(): void;
}

/**
 * A request's body as a stream of its own, which reads on only as far as it is read: what breaks it leaves the connection
 * whole, for the answer that says so. It is destroyed with the signal's reason when that comes.
 */
export function createBodyStream(request: IncomingMessage, cancelled: AbortSignal): BodyStream {
  let allowed = 0;
  const body = new Readable({
    highWaterMark: 2 ** 16,
    read() {
      // Not before: Node throws away by itself what nobody has begun to read.
      if (request.listenerCount('data') === 0) attach();
      request.resume();
    },
    destroy(error, callback) {
      request.off('data', take).off('end', end).off('error', fail).off('close', leave);
      cancelled.removeEventListener('abort', cancel);
      callback(error);
    },
  });
  // Whoever reads the body learns of its end by reading; where nobody does, it must not end the process.
  body.on('error', () => undefined);
  function attach(): void {
    request.on('data', take).on('end', end).on('error', fail).on('close', leave);
  }
  function take(chunk: Buffer): void {
    if (!body.push(chunk) && body.readableLength > allowed) request.pause();
  }
  function end(): void {
    body.push(null);
  }
  function fail(error: Error): void {
    body.destroy(error);
  }
  function leave(): void {
    if (!request.complete) body.destroy(new Error('the client disconnected'));
  }
  function cancel(): void {
    body.destroy(cancelled.reason);
  }
  cancelled.addEventListener('abort', cancel, { once: true });
  return Object.assign(body, {
    readAhead() {
      if (request.listenerCount('data') === 0) return;
      allowed = maxReadAheadBytes;
      if (body.readableLength < maxReadAheadBytes) request.resume();
    },
  });
}
