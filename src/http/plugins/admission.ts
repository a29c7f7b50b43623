import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { Problem } from '#errors.ts';
import { seconds } from '#telemetry/clock.ts';
import type { Limits } from '#config/limits.ts';
import { createBacklog, type Reservation } from '#http/admission/backlog.ts';
import { burstFactor, createConcurrencyLimit } from '#http/admission/concurrency-limit.ts';
import { isLastRequest } from '#http/request/drain.ts';
import { createRetryThrottle } from '#http/admission/retry-throttle.ts';
import { createAcceptFairness } from '#http/admission/accept-fairness.ts';
import { isOfUnknownLength, unsizedReservationBytes } from '#http/admission/metered-body.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** What the request takes of the queue, when it brings a body. */
    place?: Admitted;
  }
}

interface Admitted extends Reservation {
  isAnswered(): boolean;
  /** When its body had come, in seconds; NaN until then. */
  arrived: number;
}

/** The methods whose requests bring something to work on. */
export const methodsWithBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** Connections over the limit that are told so; those beyond are closed at once. */
const margin = 256;

/** Requests that may be under way however long they take: for each worker, and in any case. */
const [leastPerWorker, least] = [32, 64];

/**
 * A queue that is bounded by bytes, by requests and by the time that they wait: what does not fit is refused at once, before
 * its body is read. After what else refuses requests, so that those take no place.
 */
export function addAdmission(app: FastifyInstance, config: Limits & { bodyLimit: number; workers: number }): void {
  const { bodyLimit, queueLimit, queueRequests, queueDelay, connectionLimit, workers } = config;
  const backlog = createBacklog({ bytes: queueLimit, requests: queueRequests }, seconds);
  const always = Math.min(queueRequests, Math.max(least, leastPerWorker * workers));
  const congestion = createConcurrencyLimit({ least: always, most: queueRequests, target: queueDelay }, seconds);
  const retries = createRetryThrottle(seconds);
  const inTurn = createAcceptFairness(app.server, seconds);
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
      done(refusal(`More than ${connectionLimit} connections are open (NORMA_CONNECTION_LIMIT).`, reply));
      return;
    }
    if (!methodsWithBody.has(request.method) || request.is404) {
      done();
      return;
    }
    // Who came back before it was asked to does not go before others.
    const isEarly = retries.isEarly(request.raw);
    inTurn((waited, waiting) => {
      const isLate = waited > burstFactor * queueDelay && backlog.requests() + waiting >= always;
      if (request.cancelled.aborted) done(request.cancelled.reason as Problem);
      else admit(request, reply, { isEarly, isLate }, done);
    });
  });

  app.addHook('onSend', ({ place }, _reply, payload, done) => {
    if (place && !Number.isNaN(place.arrived)) congestion.record(seconds() - place.arrived, backlog.requests());
    done(null, payload);
  });

  /** @param isLate whether the request waited for its turn for too long */
  function admit(
    request: FastifyRequest,
    reply: FastifyReply,
    { isEarly, isLate }: { isEarly: boolean; isLate: boolean },
    done: (error?: Error) => void,
  ): void {
    const limit = congestion.limit();
    const bytes = Math.min(bodyLimit, lengthOf(request));
    const place = isEarly || isLate ? undefined : backlog.admit(bytes, limit);
    if (!place) {
      const why = isEarly ? 'this client retried before Retry-After' : whyFull(isLate, limit);
      // A connection that ends with the answer is not read again.
      const isRead = request.headers.expect === undefined && !isLastRequest(request.raw);
      const wait = isRead ? retries.refused(request.raw, bytes) : 0;
      done(refusal(`The service is busy: ${why}.`, reply, wait));
      return;
    }
    const admitted = { ...place, arrived: Number.NaN, isAnswered: () => reply.raw.headersSent };
    request.place = admitted;
    request.raw.once('end', () => (admitted.arrived = seconds()));
    reply.raw.once('close', place.release);
    if (request.headers.expect) reply.raw.writeContinue();
    done();
  }

  function whyFull(isLate: boolean, limit: number): string {
    return isLate || (limit < queueRequests && backlog.requests() >= limit)
      ? `requests take longer than ${queueDelay} s (NORMA_QUEUE_DELAY)`
      : `${queueRequests} requests or ${queueLimit} bytes are in progress (NORMA_QUEUE_REQUESTS, NORMA_QUEUE_LIMIT)`;
  }

  function refusal(detail: string, reply: FastifyReply, least = 0): Problem {
    const wait = Math.max(backlog.retryAfter(), Math.ceil(least));
    reply.header('retry-after', wait);
    return new Problem('unavailable', `${detail} Try again in ${wait} s.`);
  }
}

/** The bytes of a body as far as its header tells. */
function lengthOf({ headers }: FastifyRequest): number {
  const declared = Number(headers['content-length'] ?? 0);
  return isOfUnknownLength(headers) ? Math.max(declared, unsizedReservationBytes) : declared;
}
