import type { FastifyInstance } from 'fastify';
import { now } from '#telemetry/clock.ts';
import { phases, startTimeline, type Timeline, withTimeline } from '#telemetry/timeline.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request has spent its time on so far. */
    timeline: Timeline;
  }
}

/**
 * Keeps a timeline of each request, and reports it in `Server-Timing` (https://www.w3.org/TR/server-timing/). For a
 * streamed response it covers the time before the first byte. Registered before everything that takes time.
 */
export function addServerTiming(app: FastifyInstance): void {
  app.decorateRequest('timeline');
  app.addHook('onRequest', (request, _reply, done) => {
    request.timeline = startTimeline();
    withTimeline(request.timeline, done);
  });
  app.addHook('onSend', ({ timeline }, reply, payload, done) => {
    const text = serverTiming(timeline);
    if (text) reply.header('server-timing', text);
    done(null, payload);
  });
}

function serverTiming({ begun, stretches }: Timeline): string {
  let text = '';
  for (const phase of phases) {
    const stretch = stretches[phase];
    if (stretch) text += `${phase};dur=${stretch.spent.toFixed(3)}, `;
  }
  return text && `${text}total;dur=${(now() - begun).toFixed(3)}`;
}
