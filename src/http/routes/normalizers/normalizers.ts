import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyZodOpenApiSchema } from 'fastify-zod-openapi';
import * as z from 'zod';
import type { NamedVersions, Version } from '#store/versions.ts';
import type { StoreContext } from '#http/context.ts';
import { validate } from '#formats/validate.ts';
import { notModified } from '#http/headers/etag.ts';
import { linkNext, pageMembers, pageOf, readCursor } from './paging.ts';
import { failures, fitted } from '#http/openapi/schemas.ts';
import { describeMissing } from '#http/missing-version.ts';
import { versionNotFound } from '#http/normalizer-cache.ts';
import { Name, nameParams, parseTarget, versionParams } from './params.ts';

const VersionDocument = z
  .object({
    name: z.string(),
    version: z.int().meta({ description: 'Version number: 1, 2, 3, …' }),
    method: z.string(),
    created_at: z.string().meta({ description: 'ISO 8601, UTC.' }),
  })
  .meta({ id: 'Version', description: 'A version of a stored normalizer. Versions never change.' });

const nextCursor = z.string().nullable().meta({
  description: '`cursor` for the next page; null on the last page. The Link header has the URL of the next page.',
});

const NormalizersPage = z.object({
  normalizers: z.array(
    VersionDocument.extend({ versions: z.int().meta({ description: 'Number of versions.' }) }).meta({
      id: 'StoredNormalizer',
      description: 'A stored normalizer with its newest version.',
    }),
  ),
  next_cursor: nextCursor,
});

const VersionsPage = z.object({ versions: z.array(VersionDocument), next_cursor: nextCursor });

/** The paths of a stored normalizer: its newest version, and each by its number. */
export const storedPaths = [
  { path: '/v1/normalizers/:name', of: 'the newest version', id: '', params: nameParams },
  { path: '/v1/normalizers/:name/versions/:version', of: 'a version', id: '-version', params: versionParams },
] as const;

/** Stored normalizers: lists, documents, deletion. */
export function addNormalizerRoutes(app: FastifyInstance, { store: { versions } }: StoreContext): void {
  app.get('/v1/normalizers', {
    config: { access: 'read' },
    schema: {
      tags: ['normalizers'],
      summary: 'List stored normalizers',
      operationId: 'normalizers',
      description: 'Each name with its newest version, sorted by name.',
      querystring: pageMembers,
      response: {
        200: { description: 'A page of normalizers', content: { 'application/json': { schema: NormalizersPage } } },
        ...failures(),
      },
    } satisfies FastifyZodOpenApiSchema,
    handler: async (request, reply) => {
      const { limit, cursor } = validate(pageMembers, request.query);
      const found = await versions.names(limit + 1, readCursor(cursor, Name));
      const { items, next_cursor } = pageOf(found, limit, ({ name }) => name);
      linkNext(reply, '/v1/normalizers', limit, next_cursor);
      return { normalizers: items.map((item) => ({ ...toDocument(item), versions: item.versions })), next_cursor };
    },
  });

  app.get('/v1/normalizers/:name/versions', {
    config: { access: 'read' },
    schema: {
      tags: ['normalizers'],
      summary: 'List the versions of a stored normalizer',
      operationId: 'versions',
      description: 'Versions that have not been deleted, oldest first.',
      params: nameParams,
      querystring: pageMembers,
      response: {
        200: { description: 'A page of versions', content: { 'application/json': { schema: VersionsPage } } },
        ...failures(),
      },
    } satisfies FastifyZodOpenApiSchema,
    handler: async (request, reply) => {
      const { name } = parseTarget(request.params);
      const { limit, cursor } = validate(pageMembers, request.query);
      const found = await versions.list(name, limit + 1, readCursor(cursor, z.int32()));
      if (found.length === 0 && cursor === undefined) throw await describeMissing(versions, name);
      const { items, next_cursor } = pageOf(found, limit, ({ version }) => version);
      linkNext(reply, `/v1/normalizers/${name}/versions`, limit, next_cursor);
      return { versions: items.map(toDocument), next_cursor };
    },
  });

  async function answerDocument(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { name, version: number } = parseTarget(request.params);
    const version = await versions.find(name, number);
    if (!version) throw await describeMissing(versions, name, number);
    reply.header('content-location', locationOf(version));
    if (notModified(request, reply, `"${version.version}-${version.digest}"`)) return reply.send();
    const document = await versions.read(name, version.version);
    if (!document) throw versionNotFound(name, version.version);
    return reply.type('application/json').send(Buffer.from(document));
  }

  async function remove(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { name, version } = parseTarget(request.params);
    if (await versions.remove(name, version)) return reply.code(204).send();
    throw versionNotFound(name, version);
  }

  for (const { path, of, id, params } of storedPaths) {
    app.get(path, {
      config: { access: 'read' },
      // A strong ETag identifies exactly these bytes.
      compress: false,
      schema: {
        tags: ['normalizers'],
        summary: `Get ${of} of a stored normalizer`,
        operationId: `stored${id}`,
        description:
          'The fitted document exactly as it was stored, ready for /v1/transform. Its ETag is strong; with If-None-Match the response is 304 while nothing has changed. Content-Location names the version.',
        params,
        response: {
          200: { description: 'The fitted document', content: { 'application/json': { schema: fitted } } },
          304: { description: 'Not modified' },
          ...failures(),
        },
      },
      handler: answerDocument,
    });
    app.delete(path, {
      config: { access: 'admin' },
      schema: {
        tags: ['normalizers'],
        operationId: `delete${id}`,
        summary: id ? 'Delete a version of a stored normalizer' : 'Delete a stored normalizer with all its versions',
        description: 'Deletes it permanently. Version numbers are never reused.',
        params,
        response: { 204: { description: 'Deleted' }, ...failures() },
      },
      handler: remove,
    });
  }
}

export function locationOf({ name, version }: Pick<Version, 'name' | 'version'>): string {
  return `/v1/normalizers/${name}/versions/${version}`;
}

function toDocument({ name, version, method, createdAt }: Version | NamedVersions) {
  return { name, version, method, created_at: createdAt };
}
