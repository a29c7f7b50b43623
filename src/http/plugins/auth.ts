import type { FastifyInstance, FastifyRequest, RouteOptions } from 'fastify';
import { callerWithKey, parseKeyFile } from '#access/api-keys.ts';
import { type Access, type Caller, covers, type OpenGroup, rightFor } from '#access/rights.ts';
import { createTokenVerifier, looksLikeToken } from '#access/tokens.ts';
import { watchFile } from '#access/watch-file.ts';
import { Problem } from '#errors.ts';
import type { Config } from '#config/config.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /**
     * The required permission. `read` computes and reads, `write` stores and changes, `admin` deletes. The routes of a
     * group need `read` unless the settings open the group. The service does not start if a route declares none.
     */
    access?: Access;
  }
  interface FastifyRequest {
    /** The caller; absent if no key is needed. */
    caller?: Caller;
  }
}

/** The name of the security scheme in the OpenAPI document. */
export const securityScheme = 'bearer';

const realm = 'Bearer realm="norma"';

/**
 * Checks the caller's permission before the body is read, by an API key or by a JSON Web Token if those are configured
 * (RFC 6750). Registered before the routes.
 */
export async function addAuth(
  app: FastifyInstance,
  { apiKeys, apiKeysFile, tokens, open }: Readonly<Config>,
): Promise<void> {
  const routes: RouteOptions[] = [];
  const isClosed = apiKeys.length > 0 || tokens !== undefined;
  app.addHook('onRoute', (route) => {
    routes.push(route);
    const access = route.config?.access;
    // No lock in the document where nobody is asked for a key.
    const asksForKey = isClosed && !open.some((group) => group === access);
    const security: Record<string, string[]>[] = asksForKey ? [{ [securityScheme]: [rightFor(access)] }] : [];
    if (route.schema) route.schema = { ...route.schema, security };
  });
  app.addHook('onReady', async () => {
    const without = routes.filter(({ config }) => !config?.access).map(({ method, url }) => `${method} ${url}`);
    if (without.length > 0) throw new Error(`These routes declare no permission: ${without.join(', ')}.`);
  });
  app.decorateRequest('caller');

  if (!isClosed) {
    app.log.warn('NORMA_API_KEYS is empty: anyone who can reach this service may use all of it');
    return;
  }
  let keys = apiKeys;
  if (apiKeysFile !== undefined) {
    const stop = watchFile(
      apiKeysFile,
      (text) => {
        keys = parseKeyFile(text);
        app.log.info({ keys: keys.length }, 'the API keys were read again');
      },
      ({ message }) =>
        app.log.error({ reason: message }, 'the file of API keys cannot be used; the keys of before stay'),
    );
    app.addHook('onClose', async () => stop());
  }
  const verify =
    tokens &&
    (await createTokenVerifier(tokens, (error) => {
      const { message, cause } = error as Error;
      const reason = cause instanceof Error ? `${message}: ${cause.message}` : message;
      app.log.warn({ reason }, 'the keys for tokens cannot be had');
    }));
  app.addHook('onRequest', async (request, reply) => {
    if (isOpen(request, open)) return;
    const wanted = rightFor(request.routeOptions.config.access);
    try {
      request.caller = await callerOf(request);
    } catch (error) {
      const given = request.headers.authorization !== undefined;
      if (error instanceof Problem && error.code === 'unauthenticated')
        reply.header('www-authenticate', given ? `${realm}, error="invalid_token"` : realm);
      throw error;
    }
    if (covers(request.caller.right, wanted)) return;
    reply.header('www-authenticate', `${realm}, error="insufficient_scope", scope="${wanted}"`);
    const has = request.caller.right ? `has ${request.caller.right}` : 'has none';
    throw new Problem('forbidden', `This call needs the permission ${wanted}; the key ${has}.`);
  });

  async function callerOf({ headers }: FastifyRequest): Promise<Caller> {
    const [, given] = /^Bearer +(\S+)$/i.exec(headers.authorization ?? '') ?? [];
    if (!given) throw new Problem('unauthenticated', 'This call needs an API key: Authorization: Bearer <key>.');
    const caller = callerWithKey(keys, given);
    if (caller) return caller;
    if (verify && looksLikeToken(given)) return verify(given);
    throw new Problem('unauthenticated', 'Unknown API key.');
  }
}

/** Whether a request needs no key: its group is open, or the path does not exist. */
export function isOpen(request: FastifyRequest, open: readonly OpenGroup[]): boolean {
  return request.is404 || open.some((group) => group === request.routeOptions.config.access);
}
