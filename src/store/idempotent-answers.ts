import type { Kysely, Transaction } from 'kysely';
import { pack, unpack } from './compress-document.ts';
import type { WithDatabase } from './with-database.ts';
import type { Database, Tables } from './tables.ts';

/** What a request that created something was answered. */
export interface Answer {
  status: number;
  location: string | null;
  /** JSON. */
  body: Uint8Array;
}

/** An answer that was kept under an Idempotency-Key, with the digest of the request it belongs to. */
export interface KeptAnswer extends Answer {
  digest: string;
}

/** What makes creating repeatable: the answer is kept under the client's key, in the transaction that creates. */
export interface IdempotencyRecord<Made> {
  key: string;
  /** Of the request. */
  digest: string;
  /** How long the answer is kept. */
  ttlSeconds: number;
  answer(made: Made): Answer;
}

/** What was made now, or what had been answered under the key before; then nothing was made. */
export type CreateResult<Made> = { made: Made } | { kept: KeptAnswer };

type Clock = Pick<Database, 'time'>;

export interface Answers {
  find(key: string): Promise<KeptAnswer | undefined>;
}

export function answersIn(reach: WithDatabase, { time }: Clock): Answers {
  return { find: (key) => reach((db) => findAnswer(db, time, key)) };
}

/**
 * Creates something in one transaction together with the answer, or finds that another request has done so.
 * @param create may make nothing, and then gives undefined
 */
export async function createOnce<Made>(
  db: Kysely<Tables>,
  { time }: Clock,
  once: IdempotencyRecord<NonNullable<Made>> | undefined,
  create: (tx: Transaction<Tables>) => Promise<Made>,
): Promise<CreateResult<Made>> {
  try {
    const made = await db.transaction().execute(async (tx) => {
      const created = await create(tx);
      if (once && created !== undefined && created !== null) await keepAnswer(tx, time, once, once.answer(created));
      return created;
    });
    return { made };
  } catch (error) {
    const kept = error === answeredMeanwhile && once ? await findAnswer(db, time, once.key) : undefined;
    if (kept) return { kept };
    throw error;
  }
}

/** Thrown to roll the transaction back. */
const answeredMeanwhile = new Error('Another request with this key was answered first.');

async function keepAnswer(
  tx: Transaction<Tables>,
  time: Database['time'],
  once: IdempotencyRecord<never>,
  answer: Answer,
): Promise<void> {
  const { key, digest, ttlSeconds } = once;
  const { coding, document } = await pack(answer.body);
  const { status, location } = answer;
  const row = { digest, expires_at: time.in(ttlSeconds), status, location, coding, body: document };
  const kept = await tx
    .insertInto('norma_answers')
    .values({ key, ...row })
    // An answer that has expired makes room; one that holds is left as it is.
    .onConflict((conflict) => conflict.column('key').doUpdateSet(row).where('norma_answers.expires_at', '<=', time.now))
    .executeTakeFirst();
  if (kept.numInsertedOrUpdatedRows === 0n) throw answeredMeanwhile;
}

async function findAnswer(db: Kysely<Tables>, time: Database['time'], key: string): Promise<KeptAnswer | undefined> {
  const row = await db
    .selectFrom('norma_answers')
    .selectAll()
    .where('key', '=', key)
    .where('expires_at', '>', time.now)
    .executeTakeFirst();
  if (!row) return undefined;
  const { digest, status, location, coding, body } = row;
  return { digest, status, location, body: await unpack({ coding, document: body }) };
}
