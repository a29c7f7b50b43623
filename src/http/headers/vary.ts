import type { FastifyReply } from 'fastify';

/** Adds request headers to Vary (RFC 9110, section 12.5.5). */
export function varyBy(reply: FastifyReply, ...headers: string[]): void {
  const before = reply.getHeader('vary');
  const named = typeof before === 'string' ? before.split(', ') : [];
  reply.header('vary', [...named, ...headers.filter((header) => !named.includes(header))].join(', '));
}
