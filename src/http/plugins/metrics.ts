import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { now } from '#telemetry/clock.ts';
import type { Metrics } from '#telemetry/metrics.ts';
import { onEnd } from '../on-end.ts';

/** Measures every request, from before admission until its response is sent. Registered after the timeline. */
export function addMetrics(app: FastifyInstance, metrics: Metrics): void {
  /** Bytes of each connection that have already been attributed to finished requests. */
  const counted = new WeakMap<Socket, { received: number; sent: number }>();

  app.addHook('onRequest', (_request, _reply, done) => {
    metrics.begun();
    done();
  });
  onEnd(app, ({ method, routeOptions, timeline, socket }, _reply, status) => {
    const before = counted.get(socket) ?? { received: 0, sent: 0 };
    const after = { received: socket.bytesRead, sent: socket.bytesWritten };
    counted.set(socket, after);
    metrics.answered({
      method,
      route: routeOptions.url,
      status,
      timeline,
      duration: (now() - timeline.begun) / 1000,
      received: after.received - before.received,
      sent: after.sent - before.sent,
    });
  });
}
