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
     * Aborted if the request ends early: its client disconnected or is too slow, or it exceeded its time limit. The
     * reason is the Problem to answer with. All work for the request stops.
     */
    cancelled: AbortSignal;
  }
}

/** Milliseconds between two checks of the active requests. */
const interval = 500;

/** Bytes of a body to read between two checks if the workers have time for it. */
const progress = 2 * 2 ** 20;

/** Seconds that a cancelled request has to send its error response before its connection is cut. */
const abortGraceSeconds = 10;

/** A request that has not been answered yet, or whose body has not fully arrived. */
export interface ActiveRequest {
  request: FastifyRequest;
  reply: FastifyReply;
  /** Whether the response has been sent while the client is still sending. */
  isAnswered: boolean;
  cancel: AbortController;
  /** Seconds. */
  begun: number;
  /** Seconds; NaN until it is cancelled. */
  cancelledAt: number;
  sending: RateMonitor;
  reading: RateMonitor;
  /** Bytes read from its connection at the last check. */
  read: number;
}

/**
 * Enforces the time limits of requests: for their bytes, for their end, and for clients to read the response.
 * @returns the active requests
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
      // An injected request has no connection, and never reports that it is incomplete.
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
    // Its client may have disconnected long ago. Bodies of declared length have a reservation, so there is room to read
    // ahead.
    const isKept = !raw.complete && raw.readableFlowing === false && raw.headers['content-length'] !== undefined;
    if (isKept && socket.bytesRead - exchange.read < progress) (request.body as Partial<BodyStream>).readAhead?.();
    exchange.read = socket.bytesRead;
    const wantsBytes = !raw.complete && raw.readableFlowing === true;
    // A client may send its whole body before it reads, as Python's http.client does; until then it is not too slow.
    const hasBytes = raw.complete && socket.writableLength > 0;
    if (now - begun > requestTimeout) end(exchange, now, overTime(raw.complete, requestTimeout));
    else if (!sending.keptUp(wantsBytes, socket.bytesRead, now)) end(exchange, now, tooSlow(leastRate, stallTimeout));
    else if (!reading.keptUp(hasBytes, socket.bytesWritten - socket.writableLength, now)) {
      cut(exchange, `its client read less than ${leastRate} bytes per second for ${stallTimeout} s`);
    }
  }
}

/** Cancels the request's work, so that it answers with the problem; a response that has started can only be cut. */
function end(exchange: ActiveRequest, now: number, problem: Problem): void {
  exchange.cancelledAt = now;
  if (exchange.reply.raw.headersSent) cut(exchange, problem.message);
  else exchange.cancel.abort(problem);
}

/** Ends a response that has begun, and says why: its client learns only that it is not whole. */
function cut({ request, reply }: ActiveRequest, reason: string): void {
  request.log.warn({ reason }, 'response cut');
  reply.raw.destroy();
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
