import type { FastifyInstance } from 'fastify';
import type { Monitor } from '#drift/monitor.ts';

/** Milliseconds between two writings: other replicas see what this one counted within twice that. */
const periodMs = 5000;

/** Writes what was counted to the store, now and then, and when the service stops. */
export function addMonitoring(app: FastifyInstance, monitor: Monitor): void {
  const flush = () =>
    monitor.flush().catch((err: unknown) => app.log.warn({ err }, 'counts of transforms are not stored yet'));
  let timer: NodeJS.Timeout | undefined;
  app.addHook('onListen', async () => {
    timer = setInterval(() => void flush(), periodMs).unref();
  });
  app.addHook('onClose', async () => {
    clearInterval(timer);
    await flush();
  });
}
