import { readFileSync } from 'node:fs';
import swagger from '@fastify/swagger';
import swaggerUi from '@fastify/swagger-ui';
import Fastify, { type FastifyInstance, type RouteOptions } from 'fastify';
import { fastifyZodOpenApiPlugin, fastifyZodOpenApiTransformers } from 'fastify-zod-openapi';
import { describeParts } from './content.ts';
import { securityScheme } from '#http/plugins/auth.ts';
import { schemaController } from './schema-controller.ts';
import { showExamples } from './parameter-examples.ts';

/** What Swagger UI needs: its own files, its inline styles and pictures, and calls of this service. */
const policy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const workbenchScript = readFileSync(new URL('./workbench.js', import.meta.url), 'utf8');

declare const window: {
  normaWorkbench: ((system: unknown) => object) & { beforeRequest(request: object): Promise<object> };
};

// By the names that the page knows when they are called.
const workbench = (system: unknown) => window.normaWorkbench(system);
const beforeRequest = (request: object) => window.normaWorkbench.beforeRequest(request);

/** The OpenAPI document, made of the zod schemas of these routes, and Swagger UI over it: an app that does not listen. */
export async function createDocs(routes: readonly RouteOptions[], version: string): Promise<FastifyInstance> {
  const app = Fastify({ exposeHeadRoutes: true, schemaController });
  await app.register(fastifyZodOpenApiPlugin);
  await app.register(swagger, {
    openapi: {
      openapi: '3.1.0',
      info: {
        title: 'Norma',
        version,
        description:
          'Data normalization as a service: fit, transform and inverse-transform arrays, with the fitted parameters and the statistics of both sides. Start with POST /v1/compare, which shows what normalizers do to your data; then POST /v1/normalize with the one that fits.',
        license: { name: 'MIT', identifier: 'MIT' },
      },
      servers: [{ url: '/' }],
      security: [],
      components: {
        securitySchemes: {
          [securityScheme]: {
            type: 'http',
            scheme: 'bearer',
            description:
              'A key, or a JSON Web Token, where the service asks for one. Each call names the right that it needs: read, write or admin, each of which includes those before it.',
          },
        },
      },
      tags: [
        { name: 'data', description: 'Start here: compare normalizers on a batch, normalize it, describe it' },
        { name: 'methods', description: 'Which method does what, and when to use it' },
        {
          name: 'normalizers',
          description:
            'Keep fitted normalizers, version by version, and apply them by name. The examples take one that is called `example`; where it is not there yet, the page at /docs stores it first',
        },
        {
          name: 'fits',
          description:
            'Fit a data set that no single machine holds, part by part. Where an example needs a fit, the page at /docs begins one first',
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
      return document;
    },
  });
  await app.register(swaggerUi, {
    routePrefix: '/docs',
    // Both run in the browser: they are written into the page's script.
    uiConfig: {
      displayRequestDuration: true,
      plugins: [workbench],
      requestInterceptor: beforeRequest,
    },
    theme: { title: 'Norma', js: [{ filename: 'workbench.js', content: workbenchScript }] },
    staticCSP: policy,
  });
  app.get('/openapi.json', { schema: { hide: true }, handler: async () => app.swagger() });
  for (const { method, url, schema } of routes) app.route({ method, url, schema, handler: async () => undefined });
  return app;
}
