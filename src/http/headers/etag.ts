import type { FastifyReply, FastifyRequest } from 'fastify';

/**
 * Names a representation by its ETag, and answers 304 when the client has it (RFC 9110, 13.1.2).
 * @returns whether nothing is left to be sent
 */
export function notModified(request: FastifyRequest, reply: FastifyReply, etag: string): boolean {
  // Kept by whoever likes, but asked for each time: it may have been deleted.
  reply.header('etag', etag).header('cache-control', 'no-cache');
  const known = request.headers['if-none-match'];
  if (known === undefined) return false;
  const matches = known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
  if (matches) reply.code(304);
  return matches;
}
