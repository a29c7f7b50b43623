import type { FastifyServerOptions } from 'fastify';

/**
 * What Fastify makes of the schemas of routes: nothing. They are there for the OpenAPI document; bodies come in many
 * media types, and a route checks its own (see validate.ts). Fastify's types know only its own compilers.
 */
export const schemaController = {
  compilersFactory: {
    buildValidator: () => () => (value: unknown) => ({ value }),
    buildSerializer: () => () => JSON.stringify,
  },
} as unknown as NonNullable<FastifyServerOptions['schemaController']>;
