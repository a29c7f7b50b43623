import { prefixHeader } from '#http/headers/public-prefix.ts';
import type { FastifyInstance, FastifyReply, FastifyRequest, RouteOptions } from 'fastify';

/** Headers that belong to the connection or the service rather than to a page. */
const notOfThePage = ['connection', 'date', 'keep-alive', 'transfer-encoding'];

/**
 * The OpenAPI document and Swagger UI, loaded and generated on the first request: they would take a third of the
 * startup time. Registered before the routes.
 */
export function addDocs(app: FastifyInstance, version: string): void {
  const routes: RouteOptions[] = [];
  app.addHook('onRoute', (route) => {
    if (route.method !== 'HEAD' && route.schema && !route.schema.hide) routes.push(route);
  });
  let pages: Promise<FastifyInstance> | undefined;

  async function answer(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    // Its assets are found from the page's own path: behind a proxy no other is known.
    if (request.url.split('?')[0] === '/docs') return reply.redirect('/docs/', 302);
    pages ??= import('#http/openapi/swagger-ui.ts').then(({ createDocs }) => createDocs(routes, version));
    const { url, headers: given } = request.raw;
    const headers = { ...given, [prefixHeader]: request.exchange.publicPrefix };
    // HEAD has the headers of GET: Fastify leaves the body out.
    const page = await (await pages).inject({ method: 'GET', url, headers });
    const { statusCode, rawPayload } = page;
    if (statusCode === 404) {
      reply.callNotFound();
      return reply;
    }
    if (statusCode >= 400) throw Object.assign(new Error(page.json<{ message: string }>().message), { statusCode });
    for (const [name, value] of Object.entries(page.headers)) {
      if (value !== undefined && !notOfThePage.includes(name)) reply.header(name, value);
    }
    return reply.code(statusCode).send(rawPayload.length > 0 ? rawPayload : undefined);
  }

  for (const path of ['/openapi.json', '/docs', '/docs/*'])
    app.get(path, { config: { access: 'docs' }, schema: { hide: true }, handler: answer });
}
