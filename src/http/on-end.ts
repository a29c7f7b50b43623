import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/** The status recorded when the client left before the response began, as nginx does. */
const clientClosedRequest = 499;

/** Called when a request has ended, with the status recorded for it. */
type EndListener = (request: FastifyRequest, reply: FastifyReply, status: number) => void;

/** Calls the listener once at the end of each request; Fastify's onResponse is not called if the client leaves early. */
export function onEnd(app: FastifyInstance, listener: EndListener): void {
  app.addHook('onRequest', (request, reply, done) => {
    const { raw } = reply;
    raw.once('close', () => {
      if (!raw.writableFinished) listener(request, reply, raw.headersSent ? reply.statusCode : clientClosedRequest);
    });
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    // A request that ended with an error of its connection is reported on close.
    if (reply.raw.writableFinished) listener(request, reply, reply.statusCode);
    done();
  });
}
