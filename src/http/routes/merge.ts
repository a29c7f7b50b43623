import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { fittedFromJson } from '#wire/fitted.ts';
import { readBody, type Resources } from '../body.ts';
import { check } from '../check.ts';
import { mergeExample } from '../examples.ts';
import { negotiate } from '../negotiate.ts';
import { failures, fitted } from '../schemas.ts';

/** Documents that one call merges at most. */
const mostDocuments = 1_000;

const MergeRequest = z.strictObject({ fitted: z.array(fitted).min(1).max(mostDocuments) });

/** Fitted documents become one. */
export function addMergeRoute(app: FastifyInstance, resources: Resources): void {
  app.post('/v1/merge', {
    config: { access: 'read' },
    schema: {
      ...{ tags: ['data'], summary: 'Merge fitted documents', operationId: 'merge' },
      description:
        'Documents of the same normalizer, fitted on parts of the data, become the one that a fit of all the data gives. Under sample scope there is nothing to merge.',
      body: { content: { 'application/json': { schema: MergeRequest.meta({ examples: [mergeExample] }) } } },
      response: {
        200: { description: 'The merged document', content: { 'application/json': { schema: z.object({ fitted }) } } },
        ...failures(),
      },
    },
    handler: async (request, reply) => {
      negotiate(request, ['json']);
      const { envelope } = await readBody(request, resources, { reads: ['json'] });
      const { fitted: documents } = check(MergeRequest, envelope);
      const merged = await resources.pool.until(request.cancelled).run({
        kind: 'merge_fitted',
        documents: documents.map((document, at) => fittedFromJson(document, `/fitted/${at}`)),
      });
      return reply.type('application/json').serializer(String).send(`{${merged}}`);
    },
  });
}
