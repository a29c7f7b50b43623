import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { now } from '#telemetry/clock.ts';
import type { Metrics } from '#telemetry/metrics.ts';

/** Measures every request, from before it is let in until its answer is sent. After the timeline. */
export function addMetrics(app: FastifyInstance, metrics: Metrics): void {
  /** Bytes of a connection that belong to requests that have been answered. */
  const counted = new WeakMap<Socket, { received: number; sent: number }>();

  app.addHook('onRequest', (_request, _reply, done) => {
    metrics.begun();
    done();
  });
  app.addHook('onResponse', ({ method, routeOptions, timeline, socket }, reply, done) => {
    const before = counted.get(socket) ?? { received: 0, sent: 0 };
    const after = { received: socket.bytesRead, sent: socket.bytesWritten };
    counted.set(socket, after);
    metrics.answered({
      method,
      route: routeOptions.url,
      status: reply.statusCode,
      timeline,
      duration: (now() - timeline.begun) / 1000,
      received: after.received - before.received,
      sent: after.sent - before.sent,
    });
    done();
  });
}
