import { Server, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { type Problem, unavailable } from '#errors.ts';
import { drain, closeWhenDrained } from '#http/request/drain.ts';
import { methodsWithBody } from './admission.ts';
import type { Exchange } from '#http/exchange/exchange.ts';
import type { Exchanges } from './exchanges.ts';

/** Where the process stands: only while it is ready new work is asked for, and while it stops none is taken. */
export interface Lifecycle {
  now: 'starting' | 'ready' | 'stopping';
  /** While it stops: kept when no connection is accepted any more. */
  closed?: Promise<void>;
  /** Destroys every connection and returns the number of requests that lost their answer. */
  cut?(): number;
}

/** Milliseconds in which whoever has connected is answered, if only that there is no more work to be done here. */
const drainDelaysMs = { listening: 300, connected: 200 };

/**
 * Shuts the service down: completes accepted requests, refuses new ones, and ends when all are answered. Node's own
 * close of an HTTP server would reset connections with requests in transit.
 */
export async function shutDown(app: FastifyInstance, stage: Lifecycle): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  stage.now = 'stopping';
  stage.closed = promise;
  await setTimeout(drainDelaysMs.listening);
  Server.prototype.close.call(app.server);
  resolve();
  await setTimeout(drainDelaysMs.connected);
  await app.close();
}

/**
 * During shutdown new work is refused and every response closes its connection, because app.close() waits for keep-alive
 * connections (https://github.com/fastify/fastify/issues/7044).
 * @param exchanges the active requests
 */
export function addGracefulShutdown(app: FastifyInstance, stage: Lifecycle, exchanges: Exchanges): void {
  const connections = new Set<Socket>();
  app.server.on('connection', (socket) => {
    connections.add(socket);
    socket.once('close', () => connections.delete(socket));
  });
  stage.cut = () => {
    const lost = exchanges.all().filter(({ isAnswered }) => !isAnswered).length;
    for (const socket of connections) socket.destroy();
    return lost;
  };
  app.addHook('preClose', async () => {
    stage.now = 'stopping';
    closeUnused();
    // Node considers a connection idle once its response is written, and would cut off what has not been sent yet; and it
    // waits for the rest of a request that has been answered.
    await Promise.all(exchanges.all().map(settled));
  });
  app.addHook('onRequest', (request, _reply, done) => {
    if (stage.now === 'stopping' && methodsWithBody.has(request.method)) void refuse(stage, request).then(done);
    else done();
  });
  app.addHook('onSend', (_request, reply, payload, done) => {
    if (stage.now === 'stopping') reply.header('connection', 'close');
    done(null, payload);
  });
  /** A connection without a complete request header has no accepted request. */
  function closeUnused(): void {
    const used = new Set(exchanges.all().map(({ request }) => request.raw.socket));
    for (const socket of connections) {
      if (used.has(socket)) continue;
      if (socket.writableLength > 0) socket.destroySoon();
      else socket.destroy();
    }
  }
  // A response that had started earlier could not announce it.
  exchanges.onEnd(({ request, reply }) => {
    if (stage.now === 'stopping' && reply.raw.shouldKeepAlive) void closeWhenDrained(request.raw);
  });
}

async function settled({ request, reply, isAnswered }: Exchange): Promise<void> {
  if (isAnswered) await closeWhenDrained(request.raw);
  else await new Promise((resolve) => reply.raw.once('close', resolve));
}

/**
 * A refused client reconnects at once and would be reset when the listener closes, so the refusal waits until it has
 * closed and the body is drained.
 */
async function refuse({ closed }: Lifecycle, { raw }: FastifyRequest): Promise<Problem> {
  await closed;
  if (raw.headers.expect === undefined) await drain(raw);
  return unavailable('The service is shutting down; another instance may already be running.', 'stopping');
}
