import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** What a log takes from a stranger: a name such as others make them, and no more. */
const wellFormed = /^[\w.:/+=@-]{1,128}$/;

/** What the ids of this process begin with: no other process has it, on whatever machine. */
const ofThisProcess = randomBytes(9).toString('base64url');

let requests = 0;

/** The client's own X-Request-Id, where it is a plain name, so that its log and this one go together; otherwise a new one. */
export function requestIdOf({ headers }: Pick<IncomingMessage, 'headers'>): string {
  const given = headers['x-request-id'];
  if (typeof given === 'string' && wellFormed.test(given)) return given;
  requests += 1;
  return `${ofThisProcess}-${requests}`;
}
