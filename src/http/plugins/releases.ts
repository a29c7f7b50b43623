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
  app.addHook('onResponse', ({ releases = [] }, _reply, done) => {
    for (const release of releases) release();
    done();
  });
}
