import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { Problem } from '#errors.ts';
import { inferenceFailures } from './schemas.ts';

/** Supported extensions of the protocol. */
const extensions = ['binary_tensor_data', 'model_configuration', 'model_repository'];

const Health = z.object({ live: z.boolean(), ready: z.boolean() });

const ServerMetadata = z
  .object({ name: z.string(), version: z.string(), extensions: z.array(z.string()) })
  .meta({ id: 'ServerMetadata', description: 'Name, version and protocol extensions of the server.' });

function health() {
  return { 200: { description: 'Ready', content: { 'application/json': { schema: Health } } } };
}

/** Health and metadata of the server, as the Open Inference Protocol has them. */
export function addInferenceServerRoutes(app: FastifyInstance, version: string, isReady: () => boolean): void {
  app.get('/v2/health/live', {
    config: { access: 'health' },
    logLevel: 'warn',
    compress: false,
    schema: {
      tags: ['inference'],
      summary: 'Server liveness',
      operationId: 'serverLive',
      description: 'Succeeds as long as the event loop is running.',
      response: { ...health(), ...inferenceFailures() },
    },
    handler: async () => ({ live: true, ready: isReady() }),
  });
  app.get('/v2/health/ready', {
    config: { access: 'health' },
    logLevel: 'warn',
    compress: false,
    schema: {
      tags: ['inference'],
      summary: 'Server readiness',
      operationId: 'serverReady',
      description: '200 when the server accepts requests, 503 otherwise.',
      response: { ...health(), ...inferenceFailures() },
    },
    handler: async () => {
      if (!isReady()) throw new Problem('unavailable', 'The service is starting or shutting down.');
      return { live: true, ready: true };
    },
  });
  for (const path of ['/v2', '/v2/']) {
    app.get(path, {
      config: { access: 'read' },
      compress: false,
      schema: {
        tags: ['inference'],
        summary: 'Server metadata',
        operationId: 'serverMetadata',
        hide: path !== '/v2',
        description: 'The name and version of the server, and the extensions it supports.',
        response: {
          200: { description: 'The metadata', content: { 'application/json': { schema: ServerMetadata } } },
          ...inferenceFailures(),
        },
      },
      handler: async () => ({ name: 'norma', version, extensions }),
    });
  }
}
