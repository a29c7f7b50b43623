import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { Problem } from '#errors.ts';
import type { Store } from '#store/store.ts';
import { failures, problemResponse } from '#http/openapi/schemas.ts';

const status = { 'application/json': { schema: z.object({ status: z.string() }) } };

/**
 * Liveness, start and readiness, as container platforms ask for them. They say nothing of the store: replicas share it, and
 * while it is away every one of them still answers what needs no store.
 */
export function addHealthRoutes(app: FastifyInstance, store: Store, isReady: () => boolean): void {
  let hasStarted = false;
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
    // Probed every few seconds.
    logLevel: 'silent',
    schema: {
      tags: ['health'],
      summary: 'Readiness',
      operationId: 'ready',
      description:
        '200 once the workers have loaded their kernels; 503 before that and during shutdown. It does not depend on the store: see /health/store.',
      response: {
        200: { description: 'Ready', content: status },
        503: problemResponse('Not now'),
        ...failures(),
      },
    },
    handler: async () => {
      if (!isReady()) throw new Problem('unavailable', 'The service is starting or shutting down.');
      return { status: 'ready' };
    },
  });
  app.get('/health/started', {
    config: { access: 'health' },
    logLevel: 'silent',
    schema: {
      tags: ['health'],
      summary: 'Start',
      operationId: 'started',
      description: '200 once the service has been ready for the first time, and from then on; 503 before that.',
      response: { 200: { description: 'Started', content: status }, 503: problemResponse('Not yet'), ...failures() },
    },
    handler: async () => {
      hasStarted ||= isReady();
      if (!hasStarted) throw new Problem('unavailable', 'The service is starting.');
      return { status: 'started' };
    },
  });
  app.get('/health/store', {
    config: { access: 'health' },
    logLevel: 'silent',
    schema: {
      tags: ['health'],
      summary: 'Store',
      operationId: 'store-health',
      description: '200 while the store responds and is what was opened; 503 otherwise. For alerts, not for probes.',
      response: {
        200: { description: 'The store responds', content: status },
        503: problemResponse('The store is away'),
        ...failures(),
      },
    },
    handler: async () => {
      await store.ping();
      return { status: 'reachable' };
    },
  });
}
