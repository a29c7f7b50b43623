import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { modelConfig, modelMetadata, modelSides } from '#formats/oip/model.ts';
import type { StoreContext } from '#http/context.ts';
import { versionsOf } from './list-models.ts';
import { inferenceFailures, ModelConfig, ModelMetadata } from './schemas.ts';
import type { CachedNormalizer } from '#http/normalizer-cache.ts';
import { nameParams, parseTarget, versionParams } from '#http/routes/normalizers/params.ts';

interface ModelRoute {
  /** The path after the model and its version. */
  rest: string;
  summary: string;
  description: string;
  operationId: string;
  answer: z.ZodType;
  tell(model: CachedNormalizer, resources: StoreContext): unknown;
}

const routes: ModelRoute[] = [
  {
    rest: '/ready',
    summary: 'Model readiness',
    description: 'Every stored normalizer is ready.',
    operationId: 'modelReady',
    answer: z.object({ name: z.string(), ready: z.boolean() }),
    tell: ({ version: { name } }) => ({ name, ready: true }),
  },
  {
    rest: '',
    summary: 'Model metadata',
    description:
      'The shape and datatype of the fit. Other datatypes are accepted as well, and floats keep their datatype. A model has one input, "input", and one output, "output"; one that was fitted on a table has one of each for every column, of which those that pass through may be left out, and takes all columns of numbers as "input", too.',
    operationId: 'modelMetadata',
    answer: ModelMetadata,
    tell: async ({ version: { name }, fitted }, { store }) =>
      modelMetadata(name, await versionsOf(store.versions, name), modelSides(fitted)),
  },
  {
    rest: '/config',
    summary: 'Model configuration',
    description: "Triton's ModelConfig, limited to the fields that apply to a normalizer.",
    operationId: 'modelConfig',
    answer: ModelConfig,
    tell: ({ version: { name, version }, fitted }) => modelConfig(name, version, modelSides(fitted)),
  },
];

/** What the Open Inference Protocol tells of a model, with or without a version. */
export function addInferenceModelRoutes(app: FastifyInstance, resources: StoreContext): void {
  for (const { rest, summary, description, operationId, answer, tell } of routes) {
    for (const [path, params, id] of [
      [`/v2/models/:name${rest}`, nameParams, operationId],
      [`/v2/models/:name/versions/:version${rest}`, versionParams, `${operationId}Version`],
    ] as const) {
      app.get(path, {
        config: { access: 'read' },
        compress: false,
        schema: {
          tags: ['inference'],
          summary,
          description,
          operationId: id,
          params,
          response: {
            200: { description: 'It', content: { 'application/json': { schema: answer } } },
            ...inferenceFailures(),
          },
        },
        handler: async (request) => {
          const { name, version } = parseTarget(request.params);
          return tell(await resources.find(name, version), resources);
        },
      });
    }
  }
}
