import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Sets the ETag, and answers 304 if the client has this representation (RFC 9110, 13.1.2).
 * @returns whether the response is complete
 */
export function notModified(request: FastifyRequest, reply: FastifyReply, etag: string): boolean {
  // Caches may store it but must revalidate, because it may have been deleted.
  reply.header('etag', etag).header('cache-control', 'no-cache');
  const known = request.headers['if-none-match'];
  if (known === undefined) return false;
  const matches = known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
  if (matches) reply.code(304);
  return matches;
}
