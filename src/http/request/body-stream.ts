import type { IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { type Exchange, signalOf } from '#http/exchange/exchange.ts';

/** Maximum read-ahead after `readAhead()`: more than the socket buffers of both hosts hold. */
const maxReadAheadBytes = 16 * 2 ** 20;

/** A request's body. */
export interface BodyStream extends Readable {
  /**
   * Keeps reading before anyone needs the bytes: a disconnect only becomes visible after the last byte the client sent.
   */
  readAhead(): void;
}

/**
 * The request body as a separate stream, read on demand: destroying it leaves the connection intact for the error
 * response. It is destroyed with
 * the problem if the request is cancelled.
 */
export function createBodyStream(request: IncomingMessage, exchange: Exchange): BodyStream {
  const { admission } = exchange;
  const cancelled = signalOf(exchange);
  let allowed = 0;
  const body = new Readable({
    highWaterMark: 2 ** 16,
    read() {
      // Not earlier: Node itself discards a body that nobody has started to read.
      if (request.listenerCount('data') === 0) attach();
      request.resume();
    },
    destroy(error, callback) {
      request.off('data', take).off('end', end).off('error', fail).off('close', leave);
      cancelled.removeEventListener('abort', cancel);
      callback(error);
    },
  });
  // A reader gets the error by reading; without a reader it must not end the process.
  body.on('error', () => undefined);
  function attach(): void {
    admission?.ask();
    request.on('data', take).on('end', end).on('error', fail).on('close', leave);
  }
  function take(chunk: Buffer): void {
    if (!body.push(chunk) && body.readableLength > allowed) request.pause();
  }
  function end(): void {
    admission?.arrive();
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
