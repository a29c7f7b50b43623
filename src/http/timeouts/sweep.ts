import { Problem } from '#errors.ts';
import type { Limits } from '#config/limits.ts';
import { cancelExchange, type Exchange } from '#http/exchange/exchange.ts';
import type { BodyStream } from '#http/request/body-stream.ts';
import { now, seconds } from '#telemetry/clock.ts';
import { createRateMonitor } from './rate-monitor.ts';

/** Bytes of a body to read between two sweeps if the workers have time for it. */
const progress = 2 * 2 ** 20;

/** Seconds that a cancelled request has to send its error response before its connection is cut. */
const abortGraceSeconds = 10;

/**
 * Enforces the time limits of a request, at each sweep over the active ones: for its bytes, for its end, and for its client
 * to read the response.
 */
export function enforceTimeouts(exchange: Exchange, { requestTimeout, stallTimeout, leastRate }: Limits): void {
  const { request, reply, timeline } = exchange;
  const { raw, socket } = request;
  const sending = (exchange.sending ??= createRateMonitor(leastRate, stallTimeout));
  const reading = (exchange.reading ??= createRateMonitor(leastRate, stallTimeout));
  const time = seconds();
  const isOver = now() - timeline.begun > requestTimeout * 1000;
  if (exchange.isAnswered) {
    const keptUp = sending.keptUp(!socket.isPaused(), socket.bytesRead, time) && !isOver;
    if (!keptUp) socket.destroy();
    return;
  }
  if (exchange.problem) {
    if (time - exchange.cancelledAt > abortGraceSeconds) reply.raw.destroy();
    return;
  }
  // Its client may have disconnected long ago. Bodies of declared length have a reservation, so there is room to read
  // ahead.
  const isKept = !raw.complete && raw.readableFlowing === false && raw.headers['content-length'] !== undefined;
  if (isKept && socket.bytesRead - exchange.read < progress)
    (request.body as Partial<BodyStream> | undefined)?.readAhead?.();
  exchange.read = socket.bytesRead;
  const wantsBytes = !raw.complete && raw.readableFlowing === true;
  // A client may send its whole body before it reads, as Python's http.client does; until then it is not too slow.
  const hasBytes = raw.complete && socket.writableLength > 0;
  if (isOver) end(exchange, time, overTime(raw.complete, requestTimeout));
  else if (!sending.keptUp(wantsBytes, socket.bytesRead, time)) end(exchange, time, tooSlow(leastRate, stallTimeout));
  else if (!reading.keptUp(hasBytes, socket.bytesWritten - socket.writableLength, time)) {
    cut(exchange, `its client read less than ${leastRate} bytes per second for ${stallTimeout} s`);
  }
}

/** Cancels the request's work, so that it answers with the problem; a response that has started can only be cut. */
function end(exchange: Exchange, time: number, problem: Problem): void {
  exchange.cancelledAt = time;
  if (exchange.reply.raw.headersSent) cut(exchange, problem.message);
  else cancelExchange(exchange, problem);
}

/** Ends a response that has begun, and says why: its client learns only that it is not whole. */
function cut({ request, reply }: Exchange, reason: string): void {
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
