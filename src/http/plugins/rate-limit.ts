import type { FastifyInstance } from 'fastify';
import { createLimiter, type Rate } from '#access/rate.ts';
import type { OpenGroup } from '#access/rights.ts';
import { Problem } from '#errors.ts';
import { isOpen } from './auth.ts';

/**
 * Limits the rate per key, or per address where no key is needed; open routes do not count. Registered after
 * authentication. Sends the headers of draft-ietf-httpapi-ratelimit-headers-10, and the three of its earlier versions,
 * which more clients support.
 */
export function addRateLimit(app: FastifyInstance, rate: Rate, open: readonly OpenGroup[]): void {
  const take = createLimiter(rate);
  const policy = `"default";q=${rate.requests};w=${rate.window}`;
  app.addHook('onRequest', async (request, reply) => {
    if (isOpen(request, open)) return;
    const { allowed, remaining, reset, retryAfter } = take(
      request.caller?.name ?? request.exchange.clientAddress,
      performance.now(),
    );
    reply.headers({
      'ratelimit-policy': policy,
      ratelimit: `"default";r=${remaining};t=${reset}`,
      'ratelimit-limit': rate.requests,
      'ratelimit-remaining': remaining,
      'ratelimit-reset': reset,
    });
    if (allowed) return;
    reply.header('retry-after', retryAfter);
    throw new Problem(
      'too_many_requests',
      `More than ${rate.requests} requests in ${rate.window} s. Try again in ${retryAfter} s.`,
    );
  });
}
