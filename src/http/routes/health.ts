import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { Problem } from '#errors.ts';
import type { Store } from '#store/store.ts';
import { failures, problemResponse } from '#http/openapi/schemas.ts';

const status = { 'application/json': { schema: z.object({ status: z.string() }) } };

/** Liveness and readiness, as container platforms ask for them. */
export function addHealthRoutes(app: FastifyInstance, store: Store, isReady: () => boolean): void {
  app.get('/health/live', {
    config: { access: 'health' },
    logLevel: 'warn',
    schema: {
      tags: ['health'],
      summary: 'Liveness',
      operationId: 'live',
      description: 'Succeeds as long as the event loop is running.',
      response: { 200: { description: 'The process is alive', content: status }, ...failures() },
    },
    handler: async () => ({ status: 'live' }),
  });
  app.get('/health/ready', {
    config: { access: 'health' },
    // Probed every few seconds; an unreachable store is logged when its connections fail.
    logLevel: 'silent',
    schema: {
      tags: ['health'],
      summary: 'Readiness',
      operationId: 'ready',
      description:
        '200 once the workers have loaded their kernels and the store responds; 503 before that, while the store is unreachable, and during shutdown.',
      response: {
        200: { description: 'Ready', content: status },
        503: problemResponse('Not now'),
        ...failures(),
      },
    },
    handler: async () => {
      if (!isReady()) throw new Problem('unavailable', 'The service is starting or shutting down.');
      await store.ping();
      return { status: 'ready' };
    },
  });
}
