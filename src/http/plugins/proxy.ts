import type { IncomingMessage } from 'node:http';
import type { FastifyInstance } from 'fastify';
import { type ProxyConfig, plainAddress } from '#config/proxy.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What stands before every path of the service as the client sees it; empty, or `/norma`. */
    publicPrefix: string;
    /** The address of the client: the proxy's, unless that is believed. */
    clientAddress: string;
  }
}

const prefixForm = /^(\/[\w.~-]+)+\/?$/;

/** Headers whose value is a path of the service, as the routes write them. */
const pathHeaders = ['location', 'content-location'];

/** A request's address without what a proxy put before it: for the router, which knows nothing of that. */
export function createUrlRewriter(config: ProxyConfig): (request: IncomingMessage) => string {
  return (request) => {
    const url = request.url ?? '/';
    for (const prefix of [forwardedPrefix(request, config), config.basePath]) {
      if (!prefix || !url.startsWith(prefix)) continue;
      const rest = url.slice(prefix.length);
      if (rest === '' || rest.startsWith('?')) return `/${rest}`;
      if (rest.startsWith('/')) return rest;
    }
    return url;
  };
}

/** What a client behind a proxy sees: its address in logs and rates, and its paths in links. Before all that uses them. */
export function addProxy(app: FastifyInstance, config: ProxyConfig): void {
  app.decorateRequest('publicPrefix', '');
  app.decorateRequest('clientAddress', '');
  app.addHook('onRequest', (request, _reply, done) => {
    request.publicPrefix = forwardedPrefix(request.raw, config) ?? config.basePath;
    request.clientAddress = plainAddress(request.ip);
    done();
  });
  app.addHook('onSend', ({ publicPrefix }, reply, payload, done) => {
    if (publicPrefix) {
      for (const name of pathHeaders) {
        const value = reply.getHeader(name);
        if (typeof value === 'string' && value.startsWith('/')) reply.header(name, publicPrefix + value);
      }
      const link = reply.getHeader('link');
      if (typeof link === 'string') reply.header('link', link.replaceAll('</', `<${publicPrefix}/`));
    }
    done(null, payload);
  });
}

/** The prefix that a proxy tells, where it is believed. */
function forwardedPrefix({ headers, socket }: IncomingMessage, { isTrustedProxy }: ProxyConfig): string | undefined {
  const given = headers['x-forwarded-prefix'];
  if (typeof given !== 'string' || !isTrustedProxy?.(socket.remoteAddress ?? '')) return undefined;
  const [first] = given.split(',');
  return prefixForm.test(first.trim()) ? first.trim().replace(/\/$/, '') : undefined;
}
