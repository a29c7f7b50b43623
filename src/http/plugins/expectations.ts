import type { FastifyInstance } from 'fastify';
import { Problem } from '#errors.ts';

/**
 * Requests that Node would answer without a word: one without Host, and one that expects what nobody has. They get a
 * problem document.
 */
export function addExpectations(app: FastifyInstance): void {
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.addHook('onRequest', (request, _reply, done) => {
    const { headers, httpVersion } = request.raw;
    const { expect } = headers;
    if (httpVersion === '1.1' && headers.host === undefined)
      done(new Problem('invalid_request', 'The request has no Host header, which HTTP/1.1 asks for.'));
    else if (expect !== undefined && expect.toLowerCase() !== '100-continue')
      done(new Problem('expectation_failed', 'Expect is 100-continue, or is left out.'));
    else done();
  });
}
