import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '#errors.ts';
import type { Config } from '#config/config.ts';
import { logAccess, logTrace } from '#http/exchange/access-log.ts';
import { type ActiveSet, createActiveSet } from '#http/exchange/active-set.ts';
import { cancelExchange, createExchange, type Exchange, signalOf } from '#http/exchange/exchange.ts';
import { measureExchange } from '#http/exchange/measure.ts';
import { unmetExpectation } from '#http/headers/expectations.ts';
import { addSecurityHeaders } from '#http/headers/security-headers.ts';
import { serverTiming } from '#http/headers/server-timing.ts';
import { enforceTimeouts } from '#http/timeouts/sweep.ts';
import { now } from '#telemetry/clock.ts';
import type { Metrics } from '#telemetry/metrics.ts';
import { withTimeline } from '#telemetry/timeline.ts';
import { clientAddressOf, publicPrefixOf, addPrefix } from './proxy.ts';

/** The status recorded when the client left before the response began, as nginx does. */
const clientClosedRequest = 499;

/** Milliseconds between two sweeps over the active requests. */
const interval = 500;

/** What every response depends on, for the sake of caches; in lower case, as @fastify/compress looks for it. */
const vary = 'accept, accept-encoding';

/** The requests under way. */
export interface Exchanges extends Pick<ActiveSet<Exchange>, 'all'> {
  /** Has a function called once at the end of each request, whether it was answered or its client has left. */
  onEnd(listener: EndListener): void;
}

/** Called with the status recorded for a request. */
export type EndListener = (exchange: Exchange, status: number) => void;

/**
 * Follows every request from its head to the end of its answer: its time and its limits of time, what is measured and
 * logged of it, and the headers that every response has. Registered before everything that takes time.
 */
export function addExchanges(app: FastifyInstance, metrics: Metrics, config: Config): Exchanges {
  const active = createActiveSet<Exchange>();
  const listeners: EndListener[] = [];
  app.decorateRequest('exchange');
  decorate(app, 'timeline', ({ timeline }) => timeline);
  decorate(app, 'cancelled', signalOf);
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));

  app.addHook('onRequest', (request, reply, done) => {
    const exchange = createExchange(request, reply, publicPrefixOf(request.raw, config), clientAddressOf(request));
    request.exchange = exchange;
    active.add(exchange);
    metrics.begun();
    reply.raw.on('close', () => end(exchange));
    reply.header('x-request-id', request.id);
    reply.header('vary', vary);
    logTrace(exchange);
    const problem = unmetExpectation(request.raw);
    withTimeline(exchange.timeline, problem ? () => done(problem) : done);
  });
  app.addHook('onSend', ({ exchange }, reply, payload, done) => {
    const { timeline, publicPrefix, admission } = exchange;
    const timing = serverTiming(timeline);
    if (timing) reply.header('server-timing', timing);
    if (publicPrefix) addPrefix(reply, publicPrefix);
    addSecurityHeaders(reply);
    admission?.answered();
    done(null, payload);
  });
  const timer = setInterval(() => {
    for (const exchange of active.all()) enforceTimeouts(exchange, config);
  }, interval).unref();
  app.addHook('onClose', async () => clearInterval(timer));

  /** Node closes a response once it is sent, and when its connection breaks. */
  function end(exchange: Exchange): void {
    const { request, reply, timeline } = exchange;
    const { raw } = reply;
    const status = raw.writableFinished || raw.headersSent ? reply.statusCode : clientClosedRequest;
    exchange.isAnswered = true;
    // An injected request has no connection, and never reports that it is incomplete.
    if (request.raw.complete === false && !request.raw.destroyed)
      request.raw.once('close', () => active.remove(exchange));
    else active.remove(exchange);
    if (!raw.writableFinished)
      cancelExchange(exchange, new Problem('broken_body', 'The client disconnected before the response.'));
    exchange.admission?.release();
    for (const release of exchange.releases ?? []) release();
    const durationMs = now() - timeline.begun;
    measureExchange(exchange, metrics, status, durationMs);
    logAccess(exchange, status, durationMs);
    for (const listener of listeners) listener(exchange, status);
  }

  return { all: active.all, onEnd: (listener) => void listeners.push(listener) };
}

function decorate<Name extends 'timeline' | 'cancelled'>(
  app: FastifyInstance,
  name: Name,
  of: (exchange: Exchange) => FastifyRequest[Name],
): void {
  app.decorateRequest(name, {
    getter(this: FastifyRequest) {
      return of(this.exchange);
    },
  } as never);
}
