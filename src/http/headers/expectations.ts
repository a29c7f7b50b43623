import type { IncomingMessage } from 'node:http';
import { Problem } from '#errors.ts';

/**
 * What is wrong with a request that Node would answer without a word: one without Host, or one that expects what nobody
 * has.
 */
export function unmetExpectation({ headers, httpVersion }: IncomingMessage): Problem | undefined {
  const { expect, host } = headers;
  if (host === undefined && httpVersion === '1.1')
    return new Problem('invalid_request', 'The request has no Host header, which HTTP/1.1 asks for.');
  if (expect !== undefined && expect.toLowerCase() !== '100-continue')
    return new Problem('expectation_failed', 'Expect is 100-continue, or is left out.');
  return undefined;
}
