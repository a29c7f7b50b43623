import type { FastifyReply } from 'fastify';

/** Adds a header of the request to those that the answer depends on (RFC 9110, section 12.5.5). */
export function varyBy(reply: FastifyReply, header: string): void {
  const before = reply.getHeader('vary');
  const named = typeof before === 'string' ? before.split(', ') : [];
  if (!named.includes(header)) reply.header('vary', [...named, header].join(', '));
}
