import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { Problem, excerpt } from '#errors.ts';
import { decodeBody } from '#formats/json/parse-body.ts';
import type { StoreContext } from '#http/context.ts';
import { readBytes } from '#formats/stream/byte-reader.ts';
import { validate } from '#formats/validate.ts';
import { allModels } from './list-models.ts';
import { inferenceFailures } from './schemas.ts';
import { nameParams } from '#http/routes/normalizers/params.ts';

/** Maximum bytes of a request to the repository. */
const maxBodyBytes = 2 ** 20;

const IndexRequest = z.looseObject({
  ready: z.boolean().nullish().meta({ description: 'Whether to list only ready models; all models are ready.' }),
});

const LoadRequest = z.looseObject({
  parameters: z.looseObject({}).nullish().meta({ description: 'unload_dependents is ignored.' }),
});

const Index = z.array(z.object({ name: z.string(), version: z.string(), state: z.string(), reason: z.string() }));

/** The model repository of the Open Inference Protocol. Every stored normalizer counts as loaded. */
export function addInferenceRepositoryRoutes(app: FastifyInstance, { store: { versions } }: StoreContext): void {
  app.post('/v2/repository/index', {
    config: { access: 'read' },
    compress: false,
    schema: {
      tags: ['inference'],
      summary: 'List models',
      operationId: 'repositoryIndex',
      description: 'Every version of every stored normalizer.',
      body: { content: { 'application/json': { schema: IndexRequest.meta({ examples: [{ ready: true }] }) } } },
      response: {
        200: { description: 'The models', content: { 'application/json': { schema: Index } } },
        ...inferenceFailures(),
      },
    },
    handler: async (request) => {
      validate(IndexRequest, await readJson(request.body as AsyncIterable<Uint8Array>));
      const all = await allModels(versions);
      return all.map(({ name, version }) => ({ name, version: String(version), state: 'READY', reason: '' }));
    },
  });
  for (const action of ['load', 'unload'] as const) {
    app.post(`/v2/repository/models/:name/${action}`, {
      config: { access: 'read' },
      compress: false,
      schema: {
        tags: ['inference'],
        summary: `${action === 'load' ? 'Load' : 'Unload'} a model`,
        operationId: `${action}Model`,
        description:
          'Has no effect: a stored normalizer is always loaded until it is deleted. 400 if it does not exist.',
        params: nameParams,
        body: { content: { 'application/json': { schema: LoadRequest.meta({ examples: [{ parameters: {} }] }) } } },
        response: {
          200: { description: 'The model exists', content: { 'application/json': { schema: z.object({}) } } },
          ...inferenceFailures(),
        },
      },
      handler: async (request) => {
        const { name } = request.params as { name: string };
        const { parameters } = validate(LoadRequest, await readJson(request.body as AsyncIterable<Uint8Array>));
        if (parameters && Object.keys(parameters).some((member) => member === 'config' || member.startsWith('file:')))
          throw new Problem(
            'not_implemented',
            "A model's configuration follows from its normalizer, and is not given.",
          );
        if (!(await versions.find(name)))
          throw new Problem('invalid_request', `There is no model "${excerpt(name)}" in the store.`);
        return {};
      },
    });
  }
}

/** Reads JSON; the body may be missing. */
async function readJson(body: AsyncIterable<Uint8Array>): Promise<unknown> {
  const bytes = await readBytes(body).rest(maxBodyBytes, 0);
  return bytes.length === 0 ? {} : decodeBody(bytes).envelope;
}
