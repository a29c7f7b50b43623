import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import type { Metrics } from '#telemetry/metrics.ts';
import { failures } from '#http/openapi/schemas.ts';

/** What is counted and measured, for Prometheus. */
export function addMetricsRoute(app: FastifyInstance, metrics: Metrics): void {
  app.get('/metrics', {
    config: { access: 'metrics' },
    logLevel: 'warn',
    schema: {
      tags: ['health'],
      summary: 'Prometheus metrics',
      operationId: 'metrics',
      description:
        'Requests by route, bytes and values by method and format, the queue and the worker pool, the store, the event loop and the process, in the Prometheus text format.',
      response: {
        200: {
          description: 'The metrics',
          content: { 'text/plain': { schema: z.string().meta({ examples: ['norma_queue_depth 0\n'] }) } },
        },
        ...failures(),
      },
    },
    handler: async (_request, reply) => {
      const text = await metrics.text();
      return reply.type(metrics.contentType).serializer(String).send(text);
    },
  });
}
