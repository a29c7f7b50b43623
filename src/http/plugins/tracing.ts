import type { FastifyInstance } from 'fastify';
import type { Exchange } from '#http/exchange/exchange.ts';
import { now } from '#telemetry/clock.ts';
import { createExporter } from '#telemetry/exporter.ts';
import type { TraceSettings } from '#telemetry/settings.ts';
import type { Span } from '#telemetry/spans.ts';
import { phases } from '#telemetry/timeline.ts';
import { newSpanId, newTraceId, readTraceparent } from '#telemetry/trace-context.ts';
import type { Exchanges } from './exchanges.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** The span of the request; absent if traces are not exported. */
    span?: { traceId: string; spanId: string };
  }
}

/** Methods that have a name of their own in traces; others are _OTHER, so that clients cannot make up names. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS', 'CONNECT', 'TRACE']);

/**
 * Traces each request: one span for the whole request, a child of the caller's span if it sends `traceparent`, and one
 * child per phase. Names follow OpenTelemetry's conventions for HTTP.
 */
export function addTracing(app: FastifyInstance, exchanges: Exchanges, settings: TraceSettings, version: string): void {
  const exporter = createExporter(settings, version, (err) => app.log.warn({ err }, 'traces were dropped'));
  app.decorateRequest('span');
  // Its ids are in every log line of the request, so that a line leads to its trace.
  app.addHook('onRequest', (request, _reply, done) => {
    const traceId = readTraceparent(request.headers.traceparent)?.traceId;
    request.span = { traceId: traceId ?? newTraceId(), spanId: newSpanId() };
    const { spanId } = request.span;
    request.log = request.log.child(
      traceId ? { span_id: spanId } : { trace_id: request.span.traceId, span_id: spanId },
    );
    done();
  });
  exchanges.onEnd((exchange, status) => {
    const spans = spansOf(exchange, status, settings);
    if (spans.length > 0) exporter.add(spans);
  });
  app.addHook('onClose', () => exporter.close());
}

function spansOf({ request, timeline }: Exchange, status: number, { ratio, followsParent }: TraceSettings): Span[] {
  if (request.routeOptions.config.access === 'health') return [];
  const parent = readTraceparent(request.headers.traceparent);
  const { traceId, spanId } = request.span ?? { traceId: newTraceId(), spanId: newSpanId() };
  if (!(followsParent && parent ? parent.sampled : isKept(traceId, ratio))) return [];
  const { routeOptions, url, headers } = request;
  const route = routeOptions.url;
  const method = knownMethods.has(request.method) ? request.method : '_OTHER';
  const whole: Span = {
    traceId,
    spanId,
    parentId: parent?.parentId,
    kind: 'server',
    from: timeline.begun,
    to: now(),
    name: `${method === '_OTHER' ? 'HTTP' : method}${route ? ` ${route}` : ''}`,
    attributes: {
      'http.request.method': method,
      'http.request.method_original': method === request.method ? undefined : request.method,
      'http.route': route,
      'url.path': url.split('?', 1)[0],
      'url.scheme': request.protocol,
      'http.response.status_code': status,
      'error.type': status >= 500 ? String(status) : undefined,
      'server.address': request.hostname || undefined,
      'client.address': request.exchange.clientAddress,
      'user_agent.original': headers['user-agent'],
      'norma.request_id': request.id,
    },
    failed: status >= 500,
  };
  const parts = phases.flatMap((name): Span[] => {
    const stretch = timeline.stretches[name];
    if (!stretch) return [];
    const { from, to, spent, pieces } = stretch;
    const attributes = { 'norma.pieces': pieces, 'norma.busy_ms': spent };
    return [
      { traceId, spanId: newSpanId(), parentId: spanId, name, kind: 'internal', from, to, attributes, failed: false },
    ];
  });
  return [whole, ...parts];
}

/** Whether a trace is sampled; the decision is the same in every service. */
function isKept(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-14), 16) < ratio * 2 ** 56;
}
