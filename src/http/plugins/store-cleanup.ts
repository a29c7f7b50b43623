import type { FastifyInstance } from 'fastify';
import type { Store } from '#store/store.ts';

/** Milliseconds between two sweeps of one replica. */
const period = 10 * 60_000;

/** Deletes what has expired from the store, now and then. That replicas do it at the same time does no harm. */
export function addStoreCleanup(app: FastifyInstance, store: Store): void {
  const sweep = () =>
    void store.sweep().catch((err: unknown) => app.log.warn({ err }, 'deleting expired rows from the store failed'));
  let timer: NodeJS.Timeout | undefined;
  app.addHook('onListen', async () => {
    timer = setInterval(sweep, period).unref();
    sweep();
  });
  app.addHook('onClose', async () => clearInterval(timer));
}
