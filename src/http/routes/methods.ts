import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { Problem } from '#errors.ts';
import { describeUnknown } from '#nearest-name.ts';
import type { Method } from '#normalizers/method.ts';
import { methods } from '#normalizers/registry.ts';
import { writeTuplesAsLists } from '#http/openapi/tuples.ts';
import { failures, problemResponse } from '#http/openapi/schemas.ts';

const MethodDocument = z
  .object({
    method: z.string(),
    title: z.string(),
    formula: z.string(),
    options: z.looseObject({}).meta({ description: 'The options as JSON Schema, with defaults.' }),
    parameters: z.array(z.string()).meta({
      description: 'Names of the learned parameters; of a method made of others, of the list of what they learned.',
    }),
    example: z.looseObject({ method: z.string() }).meta({ description: 'A normalizer of this method.' }),
    scope: z.string(),
    invertible: z.boolean(),
    mergeable: z.boolean(),
    streamable: z.boolean(),
    takes_sample_weight: z.boolean(),
    keeps: z.array(z.string()),
    loses: z.array(z.string()),
    outliers: z.string(),
    when_to_use: z.string(),
    sources: z.array(z.string()),
  })
  .meta({ id: 'Method', description: 'A method: its formula and options, what it preserves and what it loses.' });

/** The documentation of a method. */
function toDocument(method: Method): z.output<typeof MethodDocument> {
  const { about } = method;
  const options = optionsOf(method);
  const perSample = options.properties?.axis?.default === -1;
  return {
    method: method.name,
    title: about.title,
    formula: about.formula,
    options,
    parameters: method.composition ? [method.composition.member] : Object.keys(method.parameters),
    example: { method: method.name, ...about.example },
    scope: method.composition
      ? 'that of its parts: mixed where some are dataset and some are sample'
      : method.joint
        ? 'dataset: it learns how the features vary together, so that axis 0 must be reduced'
        : perSample
          ? 'sample by default: the parameters belong to the samples of one batch; dataset when axis 0 is reduced'
          : 'dataset by default: the parameters apply to other batches; sample when axis 0 is not reduced',
    invertible: method.invertible,
    mergeable: method.mergeable,
    streamable: true,
    takes_sample_weight: method.weighted || method.composition !== undefined,
    keeps: about.keeps,
    loses: about.loses,
    outliers: about.outliers,
    when_to_use: about.when,
    sources: about.sources,
  };
}

interface OptionsSchema {
  properties?: Record<string, { default?: unknown }>;
  [keyword: string]: unknown;
}

/** A method's options as one self-contained JSON Schema; zod would move named schemas to definitions. */
function optionsOf(method: Method): OptionsSchema {
  const { $defs = {}, $schema } = z.toJSONSchema(method.schema, { io: 'input' });
  const own = Object.values($defs).find(({ title }) => title === method.name);
  const options = JSON.parse(JSON.stringify(own), withoutReferences) as OptionsSchema;
  writeTuplesAsLists(options);
  return { $schema, ...options };
}

/** A normalizer among the options of another one is described by its own method. */
function withoutReferences(_: string, value: unknown): unknown {
  const refers = typeof value === 'object' && value !== null && '$ref' in value;
  if (!refers) return value;
  const names = methods.map(({ name }) => name);
  const description = 'A normalizer, with the options of its method.';
  return { type: 'object', properties: { method: { enum: names } }, required: ['method'], description };
}

/** What the methods are, and which one to use. */
export function addMethodRoutes(app: FastifyInstance): void {
  let written: z.output<typeof MethodDocument>[] | undefined;
  const documents = () => (written ??= methods.map(toDocument));
  app.get('/v1/methods', {
    config: { access: 'read' },
    schema: {
      tags: ['methods'],
      summary: 'List the methods',
      operationId: 'methods',
      description:
        'Every method with its formula, its options as JSON Schema, what it preserves and loses, and when to use it.',
      response: {
        200: {
          description: 'The methods',
          content: { 'application/json': { schema: z.object({ methods: z.array(MethodDocument) }) } },
        },
        ...failures(),
      },
    },
    handler: async () => ({ methods: documents() }),
  });
  app.get('/v1/methods/:method', {
    config: { access: 'read' },
    schema: {
      tags: ['methods'],
      summary: 'Explain a method',
      operationId: 'method',
      description:
        'The formula of a method, its options as JSON Schema, what it preserves and loses, and when to use it.',
      params: z.object({ method: z.string().meta({ description: 'The method.', examples: ['norm'] }) }),
      response: {
        200: { description: 'The method', content: { 'application/json': { schema: MethodDocument } } },
        404: problemResponse('Unknown method'),
        ...failures(),
      },
    },
    handler: async (request) => {
      const { method } = request.params as { method: string };
      const found = documents().find((document) => document.method === method);
      if (found) return found;
      const names = methods.map(({ name }) => name);
      throw new Problem('not_found', describeUnknown('method', method, names));
    },
  });
}
