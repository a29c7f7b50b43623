import type { FastifyInstance } from 'fastify';

/** What an answer of the API asks of a browser: to take it for what it says it is, and to load and frame nothing. */
const api = {
  'x-content-type-options': 'nosniff',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** A page may show what it has with it, and no more; it tells nobody where it was. */
const page = {
  'x-content-type-options': 'nosniff',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-resource-policy': 'same-origin',
};

/** Headers that keep a browser from making more of an answer than it is. A route's own policy stays. */
export function addSecurityHeaders(app: FastifyInstance): void {
  app.addHook('onSend', (_request, reply, payload, done) => {
    const isPage = /^(text\/html|image\/svg)/.test(String(reply.getHeader('content-type')));
    const own = reply.getHeader('content-security-policy');
    reply.headers(isPage ? page : api);
    if (own) reply.header('content-security-policy', own);
    done(null, payload);
  });
}
