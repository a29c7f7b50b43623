import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { MergeRequest, mergeRequestTask } from '#engine/merge-documents.task.ts';
import { readJsonBody } from '#http/request/read-body.ts';
import type { ServiceContext } from '#http/context.ts';
import { mergeExample } from '#http/openapi/request-examples.ts';
import { chooseFormat } from '#http/headers/accept.ts';
import { failures, fitted } from '#http/openapi/schemas.ts';

/** Merges fitted documents. */
export function addMergeRoute(app: FastifyInstance, resources: ServiceContext): void {
  app.post('/v1/merge', {
    config: { access: 'read' },
    schema: {
      tags: ['data'],
      summary: 'Merge fitted documents',
      operationId: 'merge',
      description:
        'Merges documents of the same normalizer, fitted on parts of the data, into the document that one fit of all the data gives. Under sample scope there is nothing to merge.',
      body: { content: { 'application/json': { schema: MergeRequest.meta({ examples: [mergeExample] }) } } },
      response: {
        200: { description: 'The merged document', content: { 'application/json': { schema: z.object({ fitted }) } } },
        ...failures(),
      },
    },
    handler: async (request, reply) => {
      chooseFormat(request, ['json']);
      const { buffer } = await readJsonBody(request, resources);
      const pool = resources.pool.withSignal(request.cancelled);
      const merged = await pool.run(mergeRequestTask, { body: buffer, limit: resources.limit, isMeasured: true });
      return reply.type('application/json').send(Buffer.from(merged.buffer));
    },
  });
}
