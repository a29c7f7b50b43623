import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '#errors.ts';
import type { BodyStream } from '#http/request/body-stream.ts';
import { seconds } from '#telemetry/clock.ts';
import type { Limits } from '#config/limits.ts';
import { type RateMonitor, createRateMonitor } from '#http/timeouts/rate-monitor.ts';
import { type ActiveSet, createActiveSet } from '#http/timeouts/active-set.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * Aborted when the request ends before its answer: its client is gone or too slow, or it is over its time. The reason
     * is the problem to answer. What works for the request stops with it.
     */
    cancelled: AbortSignal;
  }
}

/** Milliseconds from one look at the requests under way to the next. */
const interval = 500;

/** Bytes that are read of a body from one look to the next where workers have time for it. */
const progress = 2 * 2 ** 20;

/** Seconds that a cancelled request has to answer before its connection is cut. */
const abortGraceSeconds = 10;

/** A request under way: one that is not answered yet, or that has not come to its end. */
export interface ActiveRequest {
  request: FastifyRequest;
  reply: FastifyReply;
  /** Whether the answer is sent, to a client that still sends. */
  isAnswered: boolean;
  cancel: AbortController;
  /** Seconds. */
  begun: number;
  /** Seconds; NaN until it is cancelled. */
  cancelledAt: number;
  sending: RateMonitor;
  reading: RateMonitor;
  /** Bytes of its connection that had been read when it was looked at last. */
  read: number;
}

/**
 * How long the service waits for a request: for its bytes, for its end, for a client that reads its answer.
 * @returns the requests under way
 */
export function addTimeouts(
  app: FastifyInstance,
  { requestTimeout, stallTimeout, leastRate }: Limits,
): ActiveSet<ActiveRequest> {
  const exchanges = createActiveSet<ActiveRequest>();
  app.decorateRequest('cancelled');
  app.addHook('onRequest', (request, reply, done) => {
    const cancel = new AbortController();
    request.cancelled = cancel.signal;
    const [sending, reading] = [createRateMonitor(leastRate, stallTimeout), createRateMonitor(leastRate, stallTimeout)];
    const [begun, cancelledAt, isAnswered] = [seconds(), Number.NaN, false];
    const exchange = { request, reply, isAnswered, cancel, begun, cancelledAt, sending, reading, read: -Infinity };
    const remove = exchanges.add(exchange);
    reply.raw.once('close', () => {
      exchange.isAnswered = true;
      // A request that is injected has no connection, and does not say that it is incomplete.
      if (request.raw.complete === false && !request.raw.destroyed) request.raw.once('close', remove);
      else remove();
      if (!reply.raw.writableFinished)
        cancel.abort(new Problem('broken_body', 'The client disconnected before the response.'));
    });
    done();
  });
  const timer = setInterval(() => exchanges.all().forEach(look), interval).unref();
  app.addHook('onClose', async () => clearInterval(timer));
  return exchanges;

  function look(exchange: ActiveRequest): void {
    const { request, reply, cancel, sending, reading, begun, cancelledAt } = exchange;
    const { raw, socket } = request;
    const now = seconds();
    if (exchange.isAnswered) {
      const keptUp = sending.keptUp(!socket.isPaused(), socket.bytesRead, now) && now - begun <= requestTimeout;
      if (!keptUp) socket.destroy();
      return;
    }
    if (cancel.signal.aborted) {
      if (now - cancelledAt > abortGraceSeconds) reply.raw.destroy();
      return;
    }
    // Its client may have left long since. Bodies of a known length have their place in the queue, so that there is room.
    const isKept = !raw.complete && raw.readableFlowing === false && raw.headers['content-length'] !== undefined;
    if (isKept && socket.bytesRead - exchange.read < progress) (request.body as Partial<BodyStream>).readAhead?.();
    exchange.read = socket.bytesRead;
    const wantsBytes = !raw.complete && raw.readableFlowing === true;
    // A client may send its whole body before it reads, as Python's http.client does: until then it is not too slow.
    const hasBytes = raw.complete && socket.writableLength > 0;
    if (now - begun > requestTimeout) end(exchange, now, overTime(raw.complete, requestTimeout));
    else if (!sending.keptUp(wantsBytes, socket.bytesRead, now)) end(exchange, now, tooSlow(leastRate, stallTimeout));
    else if (!reading.keptUp(hasBytes, socket.bytesWritten - socket.writableLength, now)) reply.raw.destroy();
  }
}

/** Whoever works for the request is told, and answers with the problem; an answer that has begun can only be cut. */
function end(exchange: ActiveRequest, now: number, problem: Problem): void {
  exchange.cancelledAt = now;
  if (exchange.reply.raw.headersSent) exchange.reply.raw.destroy();
  else exchange.cancel.abort(problem);
}

function overTime(complete: boolean, requestTimeout: number): Problem {
  const most = `the limit is ${requestTimeout} s (NORMA_REQUEST_TIMEOUT)`;
  return complete
    ? new Problem('deadline_exceeded', `The request was not processed in time: ${most}.`)
    : new Problem('request_timeout', `The request did not arrive in time: ${most}.`);
}

function tooSlow(leastRate: number, stallTimeout: number): Problem {
  const detail = `The body arrived at less than ${leastRate} bytes per second for ${stallTimeout} s (NORMA_LEAST_RATE, NORMA_STALL_TIMEOUT).`;
  return new Problem('request_timeout', detail);
}
