import { readFileSync } from 'node:fs';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance, type FastifyRequest, type RouteOptions } from 'fastify';
import { fastifyZodOpenApiPlugin, fastifyZodOpenApiTransformers } from 'fastify-zod-openapi';
import { describeParts } from './content.ts';
import { securityScheme } from '#http/plugins/auth.ts';
import { prefixHeader } from '#http/headers/public-prefix.ts';
import { schemaController } from './schema-controller.ts';
import type { Document } from './document.ts';
import { type Answers, nameExamples } from './named-examples.ts';
import { logo, mark } from './mark.ts';
import { dropOutputTitles } from './output-titles.ts';
import { showExamples } from './parameter-examples.ts';
import { spellOutStatusCodes } from './status-codes.ts';
import { writeTuplesAsLists } from './tuples.ts';

/** Content security policy for Swagger UI: its own files, inline styles and images, and calls of this service. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const workbenchScript = readFileSync(new URL('./workbench.js', import.meta.url), 'utf8');

declare const window: {
  normaWorkbench: ((system: unknown) => object) & { beforeRequest(request: object): Promise<object> };
};

// Swagger UI serializes these functions into the page, where `window.normaWorkbench` exists.
const workbench = (system: unknown) => window.normaWorkbench(system);
const beforeRequest = (request: object) => window.normaWorkbench.beforeRequest(request);

const bearer = {
  type: 'http',
  scheme: 'bearer',
  description:
    'An API key or a JSON Web Token. Each call states the permission it needs: read, write or admin, each including the ones before it.',
} as const;

/** The document as a client sees it, whose proxy may have put something before its paths. */
function withServers(document: object, { headers }: Pick<FastifyRequest, 'headers'>): object {
  return { ...document, servers: [{ url: String(headers[prefixHeader] || '/') }] };
}

/** The OpenAPI document, made of the zod schemas of these routes, and Swagger UI over it: an app that does not listen. */
export async function createDocs(routes: readonly RouteOptions[], version: string): Promise<FastifyInstance> {
  const app = Fastify({ exposeHeadRoutes: true, schemaController });
  const asksForKeys = routes.some(({ schema }) => (schema as { security?: object[] } | undefined)?.security?.length);
  const answers = JSON.parse(readFileSync(new URL('./answer-examples.json', import.meta.url), 'utf8')) as Answers;
  await app.register(fastifyZodOpenApiPlugin);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Norma',
        version,
        description:
          'Data normalization as a service: fit, transform and inverse-transform arrays, with the fitted parameters and statistics of input and output. Start with POST /v1/compare to see what each normalizer does to your data, then POST /v1/normalize with the one you choose.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      security: [],
      components: asksForKeys ? { securitySchemes: { [securityScheme]: bearer } } : {},
      tags: [
        { name: 'data', description: 'Start here: compare normalizers on a batch, normalize it, describe it' },
        { name: 'methods', description: 'What each method does, and when to use it' },
        {
          name: 'normalizers',
          description:
            'Store fitted normalizers as versions and apply them by name. The examples use one named `example`; the page at /docs stores it first if it does not exist yet',
        },
        {
          name: 'fits',
          description:
            'Distributed fits: fit a data set part by part, from many machines. Where an example needs a fit, the page at /docs starts one first',
        },
        { name: 'inference', description: 'The Open Inference Protocol: stored normalizers are models' },
        { name: 'health', description: 'Liveness and readiness' },
      ],
    },
    ...fastifyZodOpenApiTransformers,
    transformObject(given) {
      const document = fastifyZodOpenApiTransformers.transformObject(given);
      describeParts(document.paths);
      showExamples(document.paths);
      const finished = document as Document;
      spellOutStatusCodes(finished);
      writeTuplesAsLists(finished);
      dropOutputTitles(finished);
      nameExamples(finished, answers);
      return document;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // Both run in the browser.
    uiConfig: {
      displayRequestDuration: true,
      plugins: [workbench],
      requestInterceptor: beforeRequest,
    },
    logo: { type: 'image/svg+xml', content: logo },
    theme: {
      title: 'Norma',
      js: [{ filename: 'workbench.js', content: workbenchScript }],
      favicon: [{ filename: 'norma.svg', rel: 'icon', type: 'image/svg+xml', sizes: 'any', content: mark }],
    },
    staticCSP: policy,
    transformSpecification: withServers,
    transformSpecificationClone: false,
  });
  app.get('/openapi.json', { schema: { hide: true }, handler: async (request) => withServers(app.swagger(), request) });
  for (const { method, url, schema } of routes) app.route({ method, url, schema, handler: async () => undefined });
  return app;
}
