import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyZodOpenApiSchema } from 'fastify-zod-openapi';
import * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { VersionReference } from '#store/version-details.ts';
import { validate } from '#formats/validate.ts';
import { audit } from '#http/versions/audit.ts';
import type { StoreContext } from '#http/context.ts';
import { digestEtag, notModified } from '#http/headers/etag.ts';
import { readRequest } from '#http/request/read-call.ts';
import { failures } from '#http/openapi/schemas.ts';
import { versionNotFound } from '#http/normalizer-cache.ts';
import { parseTarget, versionParams } from './params.ts';
import { description, tags } from '#http/versions/storing.ts';
import { withSummary } from '#http/versions/summaries.ts';
import { toVersionInfo, VersionInfo } from '#http/versions/version-info.ts';

const Labels = z
  .strictObject({
    description: description.nullable().optional(),
    tags: tags.optional().meta({ description: 'All tags that it has from now on.' }),
  })
  .refine((given) => Object.keys(given).length > 0, 'Give description, tags or both.');

/** A new one each time: Fastify marks the schemas that it has seen. */
function answer() {
  return { 200: { description: 'It', content: { 'application/json': { schema: VersionInfo } } } };
}

/** What is told of a version beside its document, and changing what is said of it. */
export function addVersionInfoRoutes(app: FastifyInstance, resources: StoreContext): void {
  const { versions } = resources.store;

  async function readInfo(name: string, reference: VersionReference) {
    const details = await versions.details(name, reference);
    if (!details) throw versionNotFound(name, reference);
    return toVersionInfo(await withSummary(details, resources));
  }

  app.get('/v1/normalizers/:name/versions/:version/info', {
    config: { access: 'read' },
    schema: {
      tags: ['normalizers'],
      summary: 'Get what is known of a version',
      operationId: 'version-info',
      description: 'Description, tags, aliases, who stored it, its method and input: all but the fitted document.',
      params: versionParams,
      response: { ...answer(), 304: { description: 'The client has it already' }, ...failures() },
    } satisfies FastifyZodOpenApiSchema,
    handler: async (request, reply) => {
      const { name, version } = parseTarget(request.params);
      const info = await readInfo(name, version);
      if (notModified(request, reply, digestEtag(info))) return reply.send();
      return info;
    },
  });

  async function label(request: FastifyRequest, reply: FastifyReply) {
    const { name, version: reference } = parseTarget(request.params);
    const body = await readRequest(request, resources);
    if (body.input || body.table)
      throw problemAt('invalid_request', '/data', 'Only description and tags of a version can change.');
    const labels = validate(Labels, body.envelope);
    const found = await versions.find(name, reference);
    if (!found || !(await versions.label(name, found.version, labels))) throw versionNotFound(name, reference);
    audit(request, 'label_version', { name, version: found.version });
    const info = await readInfo(name, found.version);
    reply.header('etag', digestEtag(info));
    return info;
  }

  app.patch('/v1/normalizers/:name/versions/:version', {
    config: { access: 'write' },
    schema: {
      tags: ['normalizers'],
      summary: 'Change what is said of a version',
      operationId: 'label-version',
      description: 'Sets its description, its tags, or both. The fitted document never changes.',
      params: versionParams,
      body: { content: { 'application/json': { schema: Labels.meta({ examples: [{ tags: { team: 'risk' } }] }) } } },
      response: { ...answer(), ...failures() },
    } satisfies FastifyZodOpenApiSchema,
    handler: label,
  });
}
