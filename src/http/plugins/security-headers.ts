import type { FastifyInstance } from 'fastify';

const headers = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** An answer of the API loads nothing; a page that it sends may show what it has with it, and no more. */
const policies = {
  api: "default-src 'none'; frame-ancestors 'none'",
  page: "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
};

/** Headers that keep a browser from making more of an answer than it is. A route's own policy stays. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    reply.headers(headers);
    if (!reply.hasHeader('content-security-policy')) {
      const isPage = /^(text\/html|image\/svg)/.test(String(reply.getHeader('content-type')));
      reply.header('content-security-policy', isPage ? policies.page : policies.api);
    }
    done(null, payload);
  });
}
