import type { Kysely, Transaction } from 'kysely';
import { pack, unpack } from './compress-document.ts';
import type { WithDatabase } from './with-database.ts';
import type { Tables } from './tables.ts';

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
  expiresAt: string;
  answer(made: Made): Answer;
}

/** What was made now, or what had been answered under the key before; then nothing was made. */
export type CreateResult<Made> = { made: Made } | { kept: KeptAnswer };

export interface Answers {
  find(key: string): Promise<KeptAnswer | undefined>;
}

export function answersIn(reach: WithDatabase): Answers {
  return { find: (key) => reach((db) => findAnswer(db, key)) };
}

/**
 * Creates something in one transaction together with the answer, or finds that another request has done so.
 * @param create may make nothing, and then gives undefined
 */
export async function createOnce<Made>(
  db: Kysely<Tables>,
  once: IdempotencyRecord<NonNullable<Made>> | undefined,
  create: (tx: Transaction<Tables>) => Promise<Made>,
): Promise<CreateResult<Made>> {
  try {
    const made = await db.transaction().execute(async (tx) => {
      const created = await create(tx);
      if (once && created !== undefined && created !== null) await keepAnswer(tx, once, once.answer(created));
      return created;
    });
    return { made };
  } catch (error) {
    const kept = error === answeredMeanwhile && once ? await findAnswer(db, once.key) : undefined;
    if (kept) return { kept };
    throw error;
  }
}

/** Thrown to roll the transaction back. */
const answeredMeanwhile = new Error('Another request with this key was answered first.');

async function keepAnswer(tx: Transaction<Tables>, once: IdempotencyRecord<never>, answer: Answer): Promise<void> {
  const { key, digest, expiresAt } = once;
  const { coding, document } = await pack(answer.body);
  const { status, location } = answer;
  const row = { digest, expires_at: expiresAt, status, location, coding, body: document };
  const kept = await tx
    .insertInto('norma_answers')
    .values({ key, ...row })
    // An answer that has expired makes room; one that holds is left as it is.
    .onConflict((conflict) =>
      conflict.column('key').doUpdateSet(row).where('norma_answers.expires_at', '<=', new Date().toISOString()),
    )
    .executeTakeFirst();
  if (kept.numInsertedOrUpdatedRows === 0n) throw answeredMeanwhile;
}

async function findAnswer(db: Kysely<Tables>, key: string): Promise<KeptAnswer | undefined> {
  const row = await db
    .selectFrom('norma_answers')
    .selectAll()
    .where('key', '=', key)
    .where('expires_at', '>', new Date().toISOString())
    .executeTakeFirst();
  if (!row) return undefined;
  const { digest, status, location, coding, body } = row;
  return { digest, status, location, body: await unpack({ coding, document: body }) };
}
