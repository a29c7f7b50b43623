import type { FastifyInstance } from 'fastify';
import { varyBy } from '#http/headers/vary.ts';

/** Seconds that a browser may cache the preflight response. */
const maxAge = 600;

/** Response headers that scripts may read. */
const exposed = [
  'Content-Location',
  'ETag',
  'Link',
  'Location',
  'Norma-Version',
  'Norma-Warnings',
  'Retry-After',
  'Server-Timing',
  'Warning',
  'WWW-Authenticate',
  'X-Request-Id',
  'RateLimit',
  'RateLimit-Policy',
  'RateLimit-Limit',
  'RateLimit-Remaining',
  'RateLimit-Reset',
  'Inference-Header-Content-Length',
];

/**
 * Lets scripts of other origins call the service (https://fetch.spec.whatwg.org/#http-cors-protocol). Without cookies,
 * because keys are sent in a header. Registered before authentication, because preflight requests have no key.
 */
export function addCors(app: FastifyInstance, origins: readonly string[]): void {
  app.addHook('onRequest', async (request, reply) => {
    const { origin } = request.headers;
    const anyone = origins.includes('*');
    if (!anyone) varyBy(reply, 'Origin');
    if (!origin || !(anyone || origins.includes(origin))) return;
    reply.header('access-control-allow-origin', anyone ? '*' : origin);
    reply.header('access-control-expose-headers', exposed.join(', '));
    const wanted = request.headers['access-control-request-method'];
    if (request.method !== 'OPTIONS' || !wanted) return;
    reply.headers({
      'access-control-allow-methods': 'GET, HEAD, POST, PUT, DELETE',
      'access-control-allow-headers':
        request.headers['access-control-request-headers'] ?? 'authorization, content-type',
      'access-control-max-age': maxAge,
    });
    await reply.code(204).send();
  });
}
