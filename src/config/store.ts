import * as z from 'zod';
import { addressForms, readStoreAddress, type StoreAddress } from '#store/address.ts';
import type { Quota, Quotas } from '#store/quotas.ts';
import type { Retention } from '#store/retention.ts';
import { bytes, count, duration } from './setting-types.ts';

const storeAddress = z.string().transform((text, context) => {
  const address = readStoreAddress(text);
  if (!address) context.addIssue({ code: 'custom', message: addressForms });
  return address ?? z.NEVER;
});

const quotaMembers = { names: count, versions: count, bytes, fits: count };
const quotaForm = 'is a list such as names:1000,versions:10000,bytes:10GiB,fits:100, each of them optional';

const quota = z.string().transform((text, context): Quota => {
  const pairs = text.split(/[\s,]+/).filter(Boolean);
  const members = Object.fromEntries(pairs.map((pair) => pair.split(':')));
  const read = z.strictObject(quotaMembers).partial().safeParse(members);
  const isList = pairs.every((pair) => pair.split(':').length === 2) && Object.keys(members).length === pairs.length;
  if (read.success && isList) return read.data;
  context.addIssue({ code: 'custom', message: quotaForm });
  return z.NEVER;
});

/** Where normalizers are stored, how much of them, and for how long. */
export const storeSettings = {
  NORMA_STORE: storeAddress
    .default({ kind: 'sqlite', file: 'data/norma.db' })
    .describe(
      'Where to store normalizers. One of sqlite:<file>, memory: or postgres://user:password@host:port/database.',
    ),
  NORMA_STORE_CONNECTIONS: count
    .default(10)
    .describe('Connections to PostgreSQL that one replica opens at most; all replicas share its max_connections.'),
  NORMA_MIGRATE: z
    .enum(['on', 'off'])
    .default('on')
    .describe(
      'Whether the start brings the tables up to date. With off, run the command migrate before a new release.',
    ),
  NORMA_STORE_QUOTA: quota
    .default({})
    .describe(
      'How much may be stored in all, as names:1000,versions:10000,bytes:10GiB,fits:100, each optional; more gets 409.',
    ),
  NORMA_KEY_QUOTA: quota.default({}).describe('The same for what one key or token has stored.'),
  NORMA_KEEP_VERSIONS: count
    .optional()
    .describe(
      'Versions of a name to keep; older ones without an alias are deleted within ten minutes. Default: all of them.',
    ),
  NORMA_VERSION_TTL: duration
    .optional()
    .describe('How long to keep versions that have no alias and are not the newest of their name. Default: for ever.'),
  NORMA_FIT_TTL: duration
    .default(7 * 86_400)
    .describe(
      'How long a distributed fit waits for its commit after the last part, and how long its result is kept after the commit.',
    ),
  NORMA_IDEMPOTENCY_TTL: duration
    .default(86_400)
    .describe('How long the response to a request with an Idempotency-Key is kept.'),
} as const;

export interface StoreConfig {
  store: StoreAddress;
  /** To PostgreSQL. */
  storeConnections: number;
  migrates: boolean;
  quotas: Quotas;
  retention: Retention;
  /** Seconds. */
  fitLifetime: number;
  /** Seconds. */
  answerLifetime: number;
}

export function toStoreConfig(read: z.output<z.ZodObject<typeof storeSettings>>): StoreConfig {
  return {
    store: read.NORMA_STORE,
    storeConnections: read.NORMA_STORE_CONNECTIONS,
    migrates: read.NORMA_MIGRATE === 'on',
    quotas: { all: read.NORMA_STORE_QUOTA, perKey: read.NORMA_KEY_QUOTA },
    retention: { versions: read.NORMA_KEEP_VERSIONS, age: read.NORMA_VERSION_TTL },
    fitLifetime: read.NORMA_FIT_TTL,
    answerLifetime: read.NORMA_IDEMPOTENCY_TTL,
  };
}
