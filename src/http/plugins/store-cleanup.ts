import type { FastifyInstance } from 'fastify';
import type { Store } from '#store/store.ts';

/** Milliseconds between two cleanups of one replica. */
const period = 10 * 60_000;

/** Periodically deletes expired rows from the store. Replicas may do so at the same time. */
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
