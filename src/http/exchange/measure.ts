import type { Socket } from 'node:net';
import type { Metrics } from '#telemetry/metrics.ts';
import type { Exchange } from './exchange.ts';

const counted = Symbol('bytes of finished requests');

/** A connection with the bytes that have already been attributed to finished requests. */
type CountedSocket = Socket & { [counted]?: { received: number; sent: number } };

/** Records a finished request. */
export function measureExchange(
  { request, timeline }: Exchange,
  metrics: Metrics,
  status: number,
  durationMs: number,
): void {
  const socket = request.socket as CountedSocket;
  const before = (socket[counted] ??= { received: 0, sent: 0 });
  const { bytesRead, bytesWritten } = socket;
  metrics.answered({
    method: request.method,
    route: request.routeOptions.url,
    status,
    timeline,
    duration: durationMs / 1000,
    received: bytesRead - before.received,
    sent: bytesWritten - before.sent,
  });
  before.received = bytesRead;
  before.sent = bytesWritten;
}
