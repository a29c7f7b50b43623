import type { Monitor } from '#drift/monitor.ts';
import type { Pool } from '#pool/pool.ts';
import type { Store } from '#store/store.ts';
import type { FindNormalizer } from './normalizer-cache.ts';

/** What every request is handled with. */
export interface ServiceContext {
  pool: Pool;
  /** Bytes that one request may hold in memory. */
  limit: number;
  /** Elements that one array may have. */
  elementLimit: number;
}

/** The same, for the routes that use the store. */
export interface StoreContext extends ServiceContext {
  store: Store;
  find: FindNormalizer;
  /** Absent where transforms are not counted. */
  monitor?: Monitor;
  /** Seconds that an answer under an Idempotency-Key is kept. */
  answerLifetime: number;
  /** Seconds that a fit in parts waits for its commit after its last part. */
  fitLifetime: number;
}
