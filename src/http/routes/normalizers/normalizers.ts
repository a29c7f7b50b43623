import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '#errors.ts';
import { audit } from '#http/versions/audit.ts';
import type { StoreContext } from '#http/context.ts';
import { notModified } from '#http/headers/etag.ts';
import { failures, fitted } from '#http/openapi/schemas.ts';
import { describeMissing } from '#http/missing-version.ts';
import { versionNotFound } from '#http/normalizer-cache.ts';
import { locationOf } from '#http/versions/version-location.ts';
import { nameParams, parseTarget, type StoredParams, versionParams } from './params.ts';

/** The paths of a stored normalizer: its newest version, and each by its number. */
export const storedPaths = [
  { path: '/v1/normalizers/:name', of: 'the newest version', id: '', params: nameParams },
  { path: '/v1/normalizers/:name/versions/:version', of: 'a version', id: '-version', params: versionParams },
] as const;

/** Stored normalizers: documents, deletion. */
export function addNormalizerRoutes(app: FastifyInstance, { store: { versions } }: StoreContext): void {
  async function answerDocument(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { name, version: reference } = parseTarget(request.params);
    const version = await versions.find(name, reference);
    if (!version) throw await describeMissing(versions, name, reference);
    reply.header('content-location', locationOf(version));
    if (notModified(request, reply, `"${version.version}-${version.digest}"`)) return reply.send();
    const document = await versions.read(name, version.version);
    if (!document) throw versionNotFound(name, version.version);
    return reply.type('application/json').send(Buffer.from(document));
  }

  async function remove(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const { version: given } = request.params as StoredParams;
    const { name, version: reference } = parseTarget(request.params);
    const found = given === undefined ? undefined : await versions.find(name, reference);
    if (given !== undefined && !found) throw versionNotFound(name, given);
    const removal = await versions.remove(name, found?.version);
    if (removal === 'nothing') throw versionNotFound(name, given);
    if (removal !== 'removed') throw versionInUse(name, removal);
    if (found) audit(request, 'delete_version', { name, version: found.version });
    else audit(request, 'delete_normalizer', { name });
    return reply.code(204).send();
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
        description:
          'Deletes it permanently. Version numbers are never reused. A version that an alias names is kept, and the response is 409.',
        params,
        response: { 204: { description: 'Deleted' }, ...failures() },
      },
      handler: remove,
    });
  }
}

function versionInUse(name: string, { alias, version }: { alias: string; version: number }): Problem {
  return new Problem(
    'version_in_use',
    `The alias "${alias}" names version ${version} of "${name}": move or delete the alias first.`,
  );
}
