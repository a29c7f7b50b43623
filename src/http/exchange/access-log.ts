import type { Timeline } from '#telemetry/timeline.ts';
import { readTraceparent } from '#telemetry/trace-context.ts';
import type { Exchange } from './exchange.ts';

/** Gives the log lines of a request the ids of its trace. */
export function logTrace({ request }: Exchange): void {
  const { traceparent } = request.headers;
  const trace = traceparent === undefined ? undefined : readTraceparent(traceparent);
  if (trace) request.log = request.log.child({ trace_id: trace.traceId, parent_id: trace.parentId });
}

/**
 * Logs one line per request: who, what, the outcome and the duration. Only the path of the URL, because a query may
 * contain data; no headers and no part of a body.
 */
export function logAccess(
  { request, reply, timeline, clientAddress }: Exchange,
  status: number,
  durationMs: number,
): void {
  const { method, url, routeOptions, caller } = request;
  const { stored, warnings } = timeline;
  request.log.info(
    {
      method,
      path: pathOf(url),
      route: routeOptions.url,
      status,
      duration_ms: Math.round(durationMs * 1000) / 1000,
      caller: caller?.name,
      address: clientAddress,
      normalizer: stored?.name,
      version: stored?.version,
      warnings: warnings?.length ? warnings.map(toLogged) : undefined,
      complete: reply.raw.writableFinished,
    },
    'request',
  );
}

function toLogged({ code, count }: NonNullable<Timeline['warnings']>[number]) {
  return { code, count };
}

function pathOf(url: string): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}
