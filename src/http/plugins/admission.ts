import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '#errors.ts';
import type { Limits } from '../../limits.ts';
import { createBacklog, type Place } from '../backlog.ts';
import { isOfUnknownLength, unknownLength } from '../counted.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request takes of the queue, when it brings a body. */
    place?: Place & { isAnswered(): boolean };
  }
}

/** The methods whose requests bring something to work on. */
export const working: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** Connections over the limit that are told so; those beyond are closed at once. */
const margin = 256;

/**
 * A queue that is bounded by bytes and by requests: what does not fit is refused at once, before its body is read. After
 * what else refuses requests, so that those take no place.
 */
export function addAdmission(
  app: FastifyInstance,
  { bodyLimit, ...limits }: Pick<Limits, 'queueLimit' | 'queueRequests' | 'connectionLimit'> & { bodyLimit: number },
): void {
  const { queueLimit, queueRequests, connectionLimit } = limits;
  const backlog = createBacklog({ bytes: queueLimit, requests: queueRequests }, () => performance.now() / 1000);
  let connections = 0;
  app.server.maxConnections = connectionLimit + margin;
  app.server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => (connections -= 1));
  });
  // Whoever asks first whether to send a body is told before it is sent.
  app.server.on('checkContinue', (request, response) => app.server.emit('request', request, response));

  app.decorateRequest('place');
  app.addHook('onRequest', (request, reply, done) => {
    if (connections > connectionLimit) {
      reply.header('connection', 'close');
      done(busy(`There are more than ${connectionLimit} connections (NORMA_CONNECTION_LIMIT).`, reply));
      return;
    }
    if (!working.has(request.method) || request.is404) {
      done();
      return;
    }
    const place = backlog.admit(Math.min(bodyLimit, lengthOf(request)));
    if (!place) {
      const detail = `${queueRequests} requests or ${queueLimit} bytes are under way (NORMA_QUEUE_REQUESTS, NORMA_QUEUE_LIMIT).`;
      done(busy(detail, reply));
      return;
    }
    request.place = { ...place, isAnswered: () => reply.raw.headersSent };
    reply.raw.once('close', place.release);
    if (request.headers.expect) reply.raw.writeContinue();
    done();
  });

  function busy(detail: string, reply: FastifyReply): Problem {
    const wait = backlog.retryAfter();
    reply.header('retry-after', wait);
    return new Problem('unavailable', `${detail} Try again in ${wait} s.`);
  }
}

/** The bytes of a body as far as its header tells. */
function lengthOf({ headers }: FastifyRequest): number {
  const declared = Number(headers['content-length'] ?? 0);
  return isOfUnknownLength(headers) ? Math.max(declared, unknownLength) : declared;
}
