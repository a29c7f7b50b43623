import type { FastifyInstance } from 'fastify';
import type { FastifyZodOpenApiSchema } from 'fastify-zod-openapi';
import * as z from 'zod';
import { problemAt } from '#errors.ts';
import type { VersionDetails } from '#store/version-details.ts';
import { validate } from '#formats/validate.ts';
import type { StoreContext } from '#http/context.ts';
import { linkNext, pageMembers, pageOf, readCursor } from './paging.ts';
import { failures } from '#http/openapi/schemas.ts';
import { describeMissing } from '#http/missing-version.ts';
import { Alias, Name, nameParams, parseTarget } from './params.ts';
import { withSummary } from '#http/versions/summaries.ts';
import { toVersionInfo, VersionInfo } from '#http/versions/version-info.ts';

const nextCursor = z
  .string()
  .nullable()
  .meta({ description: '`cursor` of the next page; null on the last one. A Link header names that page, too.' });

const NormalizersPage = z.object({
  normalizers: z.array(
    VersionInfo.extend({ versions: z.int().meta({ description: 'How many versions there are.' }) }).meta({
      id: 'StoredNormalizer',
      description: 'A name with its newest version, or the one that the alias names.',
    }),
  ),
  next_cursor: nextCursor,
});

const VersionsPage = z.object({ versions: z.array(VersionInfo), next_cursor: nextCursor });

const NormalizersQuery = pageMembers.extend({
  tag: z
    .string()
    .optional()
    .meta({ description: 'A tag and its value, as in team:risk.', examples: ['team:risk'] }),
  method: z.string().optional().meta({ description: 'A method, as in zscore.' }),
  alias: Alias.optional().meta({ description: 'Names that have this alias, each with the version it names.' }),
});

/** Lists of stored normalizers and of their versions. */
export function addVersionListRoutes(app: FastifyInstance, resources: StoreContext): void {
  const { versions } = resources.store;
  const infoOf = async (details: VersionDetails) => toVersionInfo(await withSummary(details, resources));

  app.get('/v1/normalizers', {
    config: { access: 'read' },
    schema: {
      tags: ['normalizers'],
      summary: 'List the stored normalizers',
      operationId: 'normalizers',
      description:
        'Each name once, with its newest version, in the order of the names. The filters are about the version that is shown; with `alias` that is the one the alias names.',
      querystring: NormalizersQuery,
      response: {
        200: { description: 'A page of them', content: { 'application/json': { schema: NormalizersPage } } },
        ...failures(),
      },
    } satisfies FastifyZodOpenApiSchema,
    handler: async (request, reply) => {
      const { limit, cursor, tag, method, alias } = validate(NormalizersQuery, request.query);
      const filter = { method, alias, tag: tag === undefined ? undefined : readTag(tag) };
      const found = await versions.names(limit + 1, readCursor(cursor, Name), filter);
      const { items, next_cursor } = pageOf(found, limit, ({ name }) => name);
      linkNext(reply, '/v1/normalizers', limit, next_cursor, { tag, method, alias });
      const normalizers = await Promise.all(
        items.map(async (item) => ({ ...(await infoOf(item)), versions: item.versions })),
      );
      return { normalizers, next_cursor };
    },
  });

  app.get('/v1/normalizers/:name/versions', {
    config: { access: 'read' },
    schema: {
      tags: ['normalizers'],
      summary: 'List the versions of a name',
      operationId: 'versions',
      description: 'Those that have not been deleted, the oldest first.',
      params: nameParams,
      querystring: pageMembers,
      response: {
        200: { description: 'A page of them', content: { 'application/json': { schema: VersionsPage } } },
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
      return { versions: await Promise.all(items.map(infoOf)), next_cursor };
    },
  });
}

function readTag(text: string): [name: string, value: string] {
  const at = text.indexOf(':');
  if (at > 0) return [text.slice(0, at), text.slice(at + 1)];
  throw problemAt('invalid_request', '/tag', 'A filter by tag is its name, a colon and its value: ?tag=team:risk.');
}
