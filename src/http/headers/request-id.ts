import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Request ids that are safe to log. */
const wellFormed = /^[\w.:/+=@-]{1,128}$/;

/** Random prefix of the ids of this process. */
const ofThisProcess = randomBytes(9).toString('base64url');

let requests = 0;

/** The client's X-Request-Id if it is well-formed, so that both logs can be matched; otherwise a new id. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && wellFormed.test(given)) return given;
  return newRequestId();
}

export function newRequestId(): string {
  requests += 1;
  return `${ofThisProcess}-${requests}`;
}
