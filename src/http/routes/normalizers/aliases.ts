import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { FastifyZodOpenApiSchema } from 'fastify-zod-openapi';
import * as z from 'zod';
import { excerpt, Problem, problemAt } from '#errors.ts';
import type { Alias as AliasRow } from '#store/aliases.ts';
import { validate } from '#formats/validate.ts';
import { audit } from '#http/versions/audit.ts';
import type { StoreContext } from '#http/context.ts';
import { expectedVersion, notExpected, notModified } from '#http/headers/etag.ts';
import { readRequest } from '#http/request/read-call.ts';
import { failures } from '#http/openapi/schemas.ts';
import { versionNotFound } from '#http/normalizer-cache.ts';
import { Alias, checkName, Name } from './params.ts';

const path = '/v1/normalizers/:name/aliases/:alias';

const params = z.object({ name: Name, alias: Alias });

const MoveRequest = z.strictObject({
  version: z.int32().min(1).meta({ description: 'The version that it names from now on.' }),
  if_version: z.int32().min(1).nullable().optional().meta({
    description: 'The version that it must name so far; null where there must be no such alias yet. Otherwise 412.',
  }),
});

const AliasDocument = z
  .object({
    name: z.string(),
    alias: z.string(),
    version: z.int(),
    updated_at: z.string().meta({ description: 'ISO 8601, UTC.' }),
    updated_by: z.string().nullable().meta({ description: 'The name of the key or token that moved it last.' }),
  })
  .meta({ id: 'Alias', description: 'A name for a version, which can be moved to another one.' });

const content = { 'application/json': { schema: AliasDocument } };

/** Aliases: names for versions, such as production, that stand wherever a version does. */
export function addAliasRoutes(app: FastifyInstance, resources: StoreContext): void {
  const { aliases } = resources.store;

  async function get(request: FastifyRequest, reply: FastifyReply) {
    const { name, alias } = readParams(request.params);
    const found = await aliases.find(name, alias);
    if (!found) throw noAlias(name, alias);
    if (notModified(request, reply, etagOf(found.version))) return reply.send();
    return toDocument(found);
  }

  async function move(request: FastifyRequest, reply: FastifyReply) {
    const { name, alias } = readParams(request.params);
    if (!Alias.safeParse(alias).success)
      throw problemAt('invalid_request', '/alias', 'An alias is like a name, but no number, and not "latest".');
    checkName(name);
    const body = await readRequest(request, resources);
    if (body.input || body.table) throw problemAt('invalid_request', '/data', 'An alias takes no data.');
    const { version, if_version: given } = validate(MoveRequest, body.envelope);
    const expected = expectedVersion(request, given);
    const by = request.caller?.name ?? null;
    const moved = await aliases.move({ name, alias, version, by, expected });
    if (moved === 'no version') throw versionNotFound(name, version);
    if ('found' in moved) throw notExpected(expected ?? null, moved.found);
    audit(request, 'move_alias', { name, alias, version });
    reply.code(moved.isNew ? 201 : 200).header('etag', etagOf(version));
    if (moved.isNew) reply.header('location', `/v1/normalizers/${name}/aliases/${alias}`);
    return toDocument(moved.alias);
  }

  async function remove(request: FastifyRequest, reply: FastifyReply) {
    const { name, alias } = readParams(request.params);
    const expected = expectedVersion(request, undefined) ?? undefined;
    const removed = await aliases.remove(name, alias, expected);
    if (removed === 'no alias') throw noAlias(name, alias);
    if ('found' in removed) throw notExpected(expected ?? null, removed.found);
    audit(request, 'delete_alias', { name, alias, version: removed.removed });
    return reply.code(204).send();
  }

  const tags = ['normalizers'];
  app.get(path, {
    config: { access: 'read' },
    schema: {
      tags,
      summary: 'Get an alias',
      operationId: 'alias',
      params,
      description: 'Which version it names. Its ETag is that version, for If-Match.',
      response: {
        200: { description: 'The alias', content },
        304: { description: 'The client has it' },
        ...failures(),
      },
    } satisfies FastifyZodOpenApiSchema,
    handler: get,
  });
  app.put(path, {
    config: { access: 'write' },
    schema: {
      tags,
      summary: 'Make or move an alias',
      operationId: 'move-alias',
      params,
      description:
        'The alias names this version from now on, wherever a version can stand: in the paths of /v1 and of /v2. Every replica follows with the next request. With if_version, or If-Match, it is moved only from the version that it is expected to name.',
      body: { content: { 'application/json': { schema: MoveRequest.meta({ examples: [{ version: 1 }] }) } } },
      response: {
        200: { description: 'It was moved', content },
        201: { description: 'It is new', content },
        ...failures(),
      },
    } satisfies FastifyZodOpenApiSchema,
    handler: move,
  });
  app.delete(path, {
    config: { access: 'write' },
    schema: {
      tags,
      summary: 'Delete an alias',
      operationId: 'delete-alias',
      params,
      description: 'The version that it named stays.',
      response: { 204: { description: 'It is deleted' }, ...failures() },
    } satisfies FastifyZodOpenApiSchema,
    handler: remove,
  });
}

function readParams(given: unknown): { name: string; alias: string } {
  return given as { name: string; alias: string };
}

function etagOf(version: number): string {
  return `"${version}"`;
}

function noAlias(name: string, alias: string): Problem {
  return new Problem('not_found', `There is no alias "${excerpt(alias)}" of a normalizer "${excerpt(name)}".`);
}

function toDocument({ name, alias, version, updatedAt, updatedBy }: AliasRow) {
  return { name, alias, version, updated_at: updatedAt, updated_by: updatedBy };
}
