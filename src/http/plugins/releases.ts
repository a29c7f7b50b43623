import type { FastifyInstance } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** What is done when the request has been answered, or its client has left: temporary files are closed. */
    releases?: (() => void)[];
  }
}

/** Releases what requests have held, however they end. */
export function addReleases(app: FastifyInstance): void {
  app.decorateRequest('releases');
  app.addHook('onRequest', (request, reply, done) => {
    // Not onResponse, which is not called where the client leaves before the end of its answer.
    reply.raw.once('close', () => {
      for (const release of request.releases ?? []) release();
    });
    done();
  });
}
