import { createHash } from 'node:crypto';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Problem, problemAt } from '#errors.ts';

/**
 * Sets the ETag, and answers 304 if the client has this representation (RFC 9110, 13.1.2).
 * @returns whether the response is complete
 */
export function notModified(request: FastifyRequest, reply: FastifyReply, etag: string): boolean {
  // Caches may store it but must revalidate, because it may have been deleted.
  reply.header('etag', etag).header('cache-control', 'no-cache');
  const known = request.headers['if-none-match'];
  if (known === undefined) return false;
  const matches = known.trim() === '*' || known.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
  if (matches) reply.code(304);
  return matches;
}

/** The strong ETag of an answer that is made anew each time. */
export function digestEtag(answer: unknown): string {
  return `"${createHash('sha256').update(JSON.stringify(answer)).digest('base64url')}"`;
}

/**
 * The version that a request expects, by `If-Match` with an ETag of a version, or by the member `if_version`.
 * @returns undefined where it expects none, null where it expects that there is none
 * @throws Problem invalid_request where both say something
 */
export function expectedVersion(request: FastifyRequest, member: number | null | undefined): number | null | undefined {
  const given = request.headers['if-match']?.trim();
  if (given === undefined || given === '*') return member;
  if (member !== undefined) throw problemAt('invalid_request', '/if_version', 'Give If-Match or if_version, not both.');
  // An ETag that names no version matches none: versions begin with 1.
  return Number(/^"(\d{1,9})(?:-[\w-]*)?"$/.exec(given)?.[1] ?? 0);
}

/** The answer to a request whose expectation does not hold. */
export function notExpected(expected: number | null, found: number | null): Problem {
  const is = found === null ? 'there is none' : `it is ${found}`;
  const wanted = expected === null ? 'None was expected here' : `Version ${expected} was expected here`;
  return new Problem('precondition_failed', `${wanted}, and ${is}.`);
}
