import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Admission } from '#http/admission/admission.ts';
import type { Exchange } from '#http/exchange/exchange.ts';
import { type RefusalReason, Problem, unavailable } from '#errors.ts';
import { seconds } from '#telemetry/clock.ts';
import { withReservation } from '#memory/reservation.ts';
import type { Limits } from '#config/limits.ts';
import { createBacklog } from '#http/admission/backlog.ts';
import { burstFactor, createConcurrencyLimit } from '#http/admission/concurrency-limit.ts';
import { isLastRequest } from '#http/request/drain.ts';
import { createMemoryBudget, type MemoryShare } from '#http/admission/memory-budget.ts';
import { createShedding } from '#http/admission/shedding.ts';
import { createRetryThrottle } from '#http/admission/retry-throttle.ts';
import { createAcceptFairness } from '#http/admission/accept-fairness.ts';
import { isAdminConnection } from './admin-port.ts';

/** HTTP methods whose requests have a body to process. */
export const methodsWithBody: ReadonlySet<string> = new Set(['POST', 'PUT', 'PATCH']);

/** Connections over the limit that get a 503; further ones are closed at once. */
const margin = 256;

/** Requests that are always admitted: per worker, and the minimum. */
const [leastPerWorker, least] = [32, 64];

/**
 * Limits the queue by bytes, by requests and by waiting time: what does not fit is refused at once, before its body is
 * read. Registered after everything else that refuses requests, so that those reserve nothing. What is made of a body takes
 * from a budget of memory.
 * @param collect collects garbage
 * @returns a function that tells how many bytes are held now
 */
export function addAdmission(
  app: FastifyInstance,
  config: Limits & { bodyLimit: number; workers: number; memory: number },
  collect: () => void,
): () => { bodies: number; memory: number } {
  const { bodyLimit, queueLimit, queueRequests, queueDelay, connectionLimit, workers } = config;
  const backlog = createBacklog({ bytes: queueLimit, requests: queueRequests }, seconds);
  const always = Math.min(queueRequests, Math.max(least, leastPerWorker * workers));
  const bounds = { least: always, most: queueRequests, target: queueDelay };
  const shedding = createShedding(createConcurrencyLimit(bounds, seconds), bounds, seconds);
  const memory = createMemoryBudget(config.memory, collect);
  const retries = createRetryThrottle(seconds);
  const inTurn = createAcceptFairness(app.server, seconds);
  let connections = 0;
  app.server.maxConnections = connectionLimit + margin;
  app.server.on('connection', (socket) => {
    connections += 1;
    socket.once('close', () => (connections -= 1));
  });
  // A client that sends Expect: 100-continue is refused before it sends the body.
  app.server.on('checkContinue', (request, response) => app.server.emit('request', request, response));

  app.addHook('onRequest', (request, reply, done) => {
    if (connections > connectionLimit && !isAdminConnection(request.raw.socket)) {
      reply.header('connection', 'close');
      done(
        refusal(`More than ${connectionLimit} connections are open (NORMA_CONNECTION_LIMIT).`, 'connections', reply),
      );
      return;
    }
    if (!methodsWithBody.has(request.method) || request.is404) {
      done();
      return;
    }
    // Clients that retry before Retry-After get no priority.
    const isEarly = retries.isEarly(request.raw);
    inTurn((waited, waiting) => {
      const isLate =
        shedding.isOverloaded() && waited > burstFactor * queueDelay && backlog.requests() + waiting >= always;
      const { exchange } = request;
      if (exchange.problem) done(exchange.problem);
      else admit(exchange, { isEarly, isLate }, done);
    });
  });

  return () => ({ bodies: backlog.bytes(), memory: memory.reserved() });

  /** @param isLate whether the request waited for its turn for too long */
  function admit(
    exchange: Exchange,
    { isEarly, isLate }: { isEarly: boolean; isLate: boolean },
    done: (error?: Error) => void,
  ): void {
    const { request, reply, clientAddress } = exchange;
    const limit = shedding.limit();
    const bytes = Math.min(bodyLimit, bytesToHold(request));
    const caller = request.caller?.name ?? clientAddress;
    const place = isEarly || isLate ? undefined : backlog.admit(bytes, caller, limit);
    if (!place) {
      const why = isEarly ? 'this client retried before Retry-After' : whyFull(isLate, limit);
      shedding.refused();
      // A connection that closes after the response is not read again.
      const isRead = request.headers.expect === undefined && !isLastRequest(request.raw);
      const wait = isRead ? retries.refused(request.raw, bytes) : 0;
      done(refusal(`The service is busy: ${why}.`, isEarly ? 'retry' : isLate ? 'delay' : 'queue', reply, wait));
      return;
    }
    /** When its body had come, in seconds. */
    let arrived = Number.NaN;
    let share: MemoryShare | undefined;
    const admission: Admission = {
      isAsked: request.headers.expect === undefined,
      ask() {
        if (!admission.isAsked && !reply.raw.headersSent) reply.raw.writeContinue();
        admission.isAsked = true;
      },
      arrive() {
        arrived = seconds();
        place.arrive();
      },
      answered() {
        if (!Number.isNaN(arrived)) shedding.answered(seconds() - arrived, backlog.requests());
      },
      takeBody(more) {
        if (place.grow(more)) return;
        throw unavailable('There is currently no room for a body this long (NORMA_QUEUE_LIMIT).', 'queue');
      },
      take(more, what) {
        share ??= memory.open();
        return share.take(more, what);
      },
      release() {
        place.release();
        share?.release();
      },
    };
    exchange.admission = admission;
    withReservation(admission, done);
  }

  function whyFull(isLate: boolean, limit: number): string {
    return isLate || (limit < queueRequests && backlog.requests() >= limit)
      ? `requests take longer than ${queueDelay} s (NORMA_QUEUE_DELAY)`
      : `${queueRequests} requests or ${queueLimit} bytes are in progress, or as many of this caller as it may have (NORMA_QUEUE_REQUESTS, NORMA_QUEUE_LIMIT)`;
  }

  function refusal(detail: string, reason: RefusalReason, reply: FastifyReply, least = 0): Problem {
    const wait = Math.max(backlog.retryAfter(), Math.ceil(least));
    reply.header('retry-after', wait);
    return unavailable(`${detail} Try again in ${wait} s.`, reason);
  }
}

/** Bytes that a body which may stream is counted as: its blocks. */
const streamedBytes = 2 ** 22;

/** The bytes of a body to hold, as far as its header says: JSON is held whole, other formats mostly stream. */
function bytesToHold({ headers }: FastifyRequest): number {
  const declared = Number(headers['content-length'] ?? 0);
  return /\bjson\b/i.test(headers['content-type'] ?? '') ? declared : Math.min(declared, streamedBytes);
}
