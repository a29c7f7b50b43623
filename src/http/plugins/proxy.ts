import type { IncomingMessage } from 'node:http';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { type ProxyConfig, plainAddress } from '#config/proxy.ts';

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

/** What stands before every path of the service as the client of a request sees it. */
export function publicPrefixOf(request: IncomingMessage, config: ProxyConfig): string {
  return forwardedPrefix(request, config) ?? config.basePath;
}

/** The address of a client behind a proxy that is believed. */
export function clientAddressOf(request: FastifyRequest): string {
  return plainAddress(request.ip);
}

/** Puts the prefix before the paths in the headers of a response. */
export function addPrefix(reply: FastifyReply, prefix: string): void {
  for (const name of pathHeaders) {
    const value = reply.getHeader(name);
    if (typeof value === 'string' && value.startsWith('/')) reply.header(name, prefix + value);
  }
  const link = reply.getHeader('link');
  if (typeof link === 'string') reply.header('link', link.replaceAll('</', `<${prefix}/`));
}

/** The prefix that a proxy tells, where it is believed. */
function forwardedPrefix({ headers, socket }: IncomingMessage, { isTrustedProxy }: ProxyConfig): string | undefined {
  const given = headers['x-forwarded-prefix'];
  if (typeof given !== 'string' || !isTrustedProxy?.(socket.remoteAddress ?? '')) return undefined;
  const [first] = given.split(',');
  return prefixForm.test(first.trim()) ? first.trim().replace(/\/$/, '') : undefined;
}
