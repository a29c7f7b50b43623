import { Server } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { Problem } from '#errors.ts';
import { drain, closeWhenDrained } from '#http/request/drain.ts';
import { methodsWithBody } from './admission.ts';
import type { ActiveSet } from '#http/timeouts/active-set.ts';
import type { ActiveRequest } from './timeouts.ts';

/** Where the process stands: only while it is ready new work is asked for, and while it stops none is taken. */
export interface Lifecycle {
  now: 'starting' | 'ready' | 'stopping';
  /** While it stops: kept when no connection is accepted any more. */
  closed?: Promise<void>;
}

/** Milliseconds in which whoever has connected is answered, if only that there is no more work to be done here. */
const drainDelaysMs = { listening: 300, connected: 200 };

/**
 * Stops the service: answers what it has accepted in full, refuses new work, and ends when all is answered. Node's own close
 * of an HTTP server would reset connections whose requests are on their way.
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
 * While the service stops, new work is refused and every answer ends its connection: app.close() waits for those that a
 * client keeps open (https://github.com/fastify/fastify/issues/7044).
 * @param exchanges the requests under way
 */
export function addGracefulShutdown(app: FastifyInstance, stage: Lifecycle, exchanges: ActiveSet<ActiveRequest>): void {
  app.addHook('preClose', async () => {
    stage.now = 'stopping';
    // Node takes a connection for idle once its answer is written, and would cut off what is not sent yet; and it waits for
    // the rest of a request that is answered.
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
  // An answer that had begun before could not say so.
  app.addHook('onResponse', (request, reply, done) => {
    if (stage.now === 'stopping' && reply.raw.shouldKeepAlive) void closeWhenDrained(request.raw);
    done();
  });
}

async function settled({ request, reply, isAnswered }: ActiveRequest): Promise<void> {
  if (isAnswered) await closeWhenDrained(request.raw);
  else await new Promise((resolve) => reply.raw.once('close', resolve));
}

/**
 * Whoever is refused connects again at once, and would be reset with the listener: so it is told when that is closed. It
 * would be reset, too, if it were still sending.
 */
async function refuse({ closed }: Lifecycle, { raw }: FastifyRequest): Promise<Problem> {
  await closed;
  if (raw.headers.expect === undefined) await drain(raw);
  return new Problem('unavailable', 'The service is shutting down; another instance may already be running.');
}
