import type { Database } from './tables.ts';
import type { WithDatabase } from './with-database.ts';

/** What one replica counted of the transforms by a version, in one span of time. */
export interface TransformCount {
  name: string;
  version: number;
  replica: string;
  /** ISO 8601, of the beginning of the span. */
  startedAt: string;
  /** How long it is kept from now on. */
  ttlSeconds: number;
  /** Float64 numbers, little-endian; of one version always as many. */
  counts: Uint8Array;
}

/** Counts of transforms over time. Each replica writes its own, as often as it likes: the last writing counts. */
export interface TransformCounts {
  put(counts: readonly TransformCount[]): Promise<void>;
  /** The counts of all replicas in the spans that began at that time or later. */
  since(name: string, version: number, startedAt: string): Promise<Uint8Array[]>;
}

export function transformCountsIn(reach: WithDatabase, { time }: Pick<Database, 'time'>): TransformCounts {
  return {
    put: (counts) =>
      reach((db) =>
        db.transaction().execute(async (tx) => {
          for (const { name, version, replica, startedAt, ttlSeconds, counts: bytes } of counts) {
            const change = { expires_at: time.in(ttlSeconds), counts: bytes };
            await tx
              .insertInto('norma_transform_counts')
              .values({ name, version, replica, started_at: startedAt, ...change })
              .onConflict((conflict) =>
                conflict.columns(['name', 'version', 'started_at', 'replica']).doUpdateSet(change),
              )
              .execute();
          }
        }),
      ),
    since: (name, version, startedAt) =>
      reach(async (db) => {
        const rows = await db
          .selectFrom('norma_transform_counts')
          .select('counts')
          .where('name', '=', name)
          .where('version', '=', version)
          .where('started_at', '>=', startedAt)
          .execute();
        return rows.map(({ counts }) => counts);
      }),
  };
}
