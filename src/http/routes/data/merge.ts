import type { FastifyInstance } from 'fastify';
import * as z from 'zod';
import { MergeRequest, mergeRequestTask, type StoredReference } from '#engine/fits/merge-documents.task.ts';
import { readJsonBody } from '#http/request/read-body.ts';
import type { StoreContext } from '#http/context.ts';
import { mergeExample } from '#http/openapi/request-examples.ts';
import { chooseFormat } from '#http/headers/accept.ts';
import { failures, fitted } from '#http/openapi/schemas.ts';
import { versionNotFound } from '#http/normalizer-cache.ts';
import { parseTarget } from '#http/routes/normalizers/params.ts';

/** Merges fitted documents. */
export function addMergeRoute(app: FastifyInstance, resources: StoreContext): void {
  const { versions } = resources.store;

  async function readStored({ name, version }: StoredReference): Promise<Uint8Array> {
    const target = parseTarget({ name, version: version === undefined ? undefined : String(version) });
    const found = await versions.find(target.name, target.version);
    const document = found && (await versions.read(found.name, found.version));
    if (!document) throw versionNotFound(name, version);
    return document;
  }

  app.post('/v1/merge', {
    config: { access: 'read' },
    schema: {
      tags: ['data'],
      summary: 'Merge fitted documents',
      operationId: 'merge',
      description:
        'Merges documents of the same normalizer, fitted on parts of the data, into the document that one fit of all the data gives; {"name": …, "version": …} stands for the document of a stored version. Under sample scope there is nothing to merge.',
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
      const { limit } = resources;
      let result = await pool.run(mergeRequestTask, { body: buffer, limit, isMeasured: true });
      if ('references' in result) {
        const stored = await Promise.all(result.references.map(readStored));
        result = await pool.run(mergeRequestTask, { body: result.body, limit, isMeasured: true, stored });
      }
      if (!('merged' in result)) throw new Error('Every reference was read.');
      return reply.type('application/json').send(Buffer.from(result.merged.buffer));
    },
  });
}
