import type { FastifyInstance } from 'fastify';
import type { FastifyZodOpenApiSchema } from 'fastify-zod-openapi';
import * as z from 'zod';
import { timePhase } from '#telemetry/timeline.ts';
import type { StoreContext } from '#http/context.ts';
import { limitElements } from '#http/request/element-limit.ts';
import { answerInference } from './answer.ts';
import { answerColumns } from './answer-columns.ts';
import { relocatePointers } from './error-pointers.ts';
import { readInference } from './read-request.ts';
import { inferenceFailures, inferExample, InferRequest, InferResponse } from './schemas.ts';
import { nameParams, parseTarget, versionParams } from '#http/routes/normalizers/params.ts';

/** JSON and then a tensor, or the tensor alone. */
const bytes = z.unknown().meta({ type: 'string', format: 'binary' });

const binaryHeader = z.object({
  'Inference-Header-Content-Length': z.int().min(0).optional().meta({
    description: 'Where tensors follow as bytes: how many bytes the JSON before them has; 0 where there is none.',
  }),
});

/** Inference by the Open Inference Protocol, with or without a version. */
export function addInferRoutes(app: FastifyInstance, resources: StoreContext): void {
  for (const [path, params, operationId] of [
    ['/v2/models/:name/infer', nameParams, 'infer'],
    ['/v2/models/:name/versions/:version/infer', versionParams, 'inferVersion'],
  ] as const) {
    const schema = {
      tags: ['inference'],
      summary: 'Infer: transform or inverse-transform a tensor',
      operationId,
      params,
      headers: binaryHeader,
      description:
        'Open Inference Protocol with the binary tensor extension. The Inference-Header-Content-Length header alone decides how the body is read: without it as JSON, with 0 as the bytes of the only tensor, otherwise as JSON of that length followed by bytes. The Content-Type is ignored.',
      body: {
        content: {
          'application/json': { schema: InferRequest.meta({ examples: [inferExample] }) },
          'application/octet-stream': { schema: bytes },
        },
      },
      response: {
        200: {
          description: 'The output',
          content: { 'application/json': { schema: InferResponse }, 'application/octet-stream': { schema: bytes } },
        },
        ...inferenceFailures(),
      },
    } as unknown as FastifyZodOpenApiSchema;
    app.post(path, {
      config: { access: 'read' },
      compress: false,
      schema,
      handler: async (request, reply) => {
        const { name, version } = parseTarget(request.params);
        const model = await resources.find(name, version);
        request.timeline.stored = { name: model.version.name, version: model.version.version };
        const { pool, limit, elementLimit } = resources;
        const until = { pool: pool.withSignal(request.cancelled), limit, elementLimit };
        let names: string[] | undefined;
        try {
          request.timeline.format = 'oip';
          const read = await timePhase('decode', () => readInference(request, model.fitted, until));
          if ('columns' in read) {
            names = read.columns.map(({ name }) => name);
            return await answerColumns(model, read, reply, until);
          }
          const input = limitElements(read.input, elementLimit);
          return await answerInference(model, { ...read, input }, reply, until);
        } catch (error) {
          throw relocatePointers(error, names);
        }
      },
    });
  }
}
