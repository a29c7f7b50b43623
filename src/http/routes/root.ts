import type { FastifyInstance } from 'fastify';
import { chooseFormat } from '#http/headers/accept.ts';

/** Redirects from /: browsers to the documentation, programs to the OpenAPI document. */
export function addRootRoute(app: FastifyInstance, version: string): void {
  app.get('/', {
    config: { access: 'docs' },
    schema: { hide: true },
    handler: async (request, reply) => {
      reply.header('vary', 'accept');
      if (chooseFormat(request, ['json', 'html']) === 'html') return reply.redirect('/docs/', 302);
      const { publicPrefix } = request.exchange;
      return { name: 'Norma', version, openapi: `${publicPrefix}/openapi.json`, docs: `${publicPrefix}/docs` };
    },
  });
}
