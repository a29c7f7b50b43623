import type { FastifyReply } from 'fastify';

/** Headers of API responses: no content sniffing, no loading, no framing. */
export const api = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** Headers of pages: only their own content, and no referrer. */
const page = {
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** Adds security headers. A route's own policy takes precedence. */
export function addSecurityHeaders(reply: FastifyReply): void {
  const type = String(reply.getHeader('content-type'));
  const own = reply.getHeader('content-security-policy');
  reply.headers(type.startsWith('text/html') || type.startsWith('image/svg') ? page : api);
  if (own) reply.header('content-security-policy', own);
}
