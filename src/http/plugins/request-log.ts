import type { FastifyInstance } from 'fastify';
import { now } from '#telemetry/clock.ts';
import type { Timeline } from '#telemetry/timeline.ts';
import { readTraceparent } from '#telemetry/trace-context.ts';
import { onEnd } from '../on-end.ts';

/**
 * Logs one line per request: who, what, the outcome and the duration. Only the path of the URL, because a query may
 * contain data; no headers and no part of a body. The request id is returned in X-Request-Id.
 */
export function addRequestLog(app: FastifyInstance): void {
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    const trace = readTraceparent(request.headers.traceparent);
    if (trace) request.log = request.log.child({ trace_id: trace.traceId, parent_id: trace.parentId });
    done();
  });
  onEnd(app, (request, reply, status) => {
    const { method, url, routeOptions, clientAddress, caller, timeline } = request;
    request.log.info(
      {
        method,
        path: url.split('?', 1)[0],
        route: routeOptions.url,
        status,
        duration_ms: round(now() - timeline.begun),
        caller: caller?.name,
        address: clientAddress,
        ...storedMembers(timeline),
        complete: reply.raw.writableFinished,
      },
      'request',
    );
  });
}

/** The stored normalizer that was applied, and the codes and counts of the warnings. */
function storedMembers({ stored, warnings }: Timeline) {
  return {
    ...(stored ? { normalizer: stored.name, version: stored.version } : {}),
    ...(warnings?.length ? { warnings: warnings.map(({ code, count }) => ({ code, count })) } : {}),
  };
}

function round(milliseconds: number): number {
  return Math.round(milliseconds * 1000) / 1000;
}
