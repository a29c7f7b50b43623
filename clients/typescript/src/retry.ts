export interface RetryOptions {
  /** How often a request is sent again. Default 5. */
  retries?: number;
  /** Milliseconds before the second try; the waits double up to 10 s, each shortened by chance. Default 200. */
  firstWaitMs?: number;
  /** Milliseconds; a Retry-After beyond it is an answer like any other. Default 120,000. */
  maxRetryAfterMs?: number;
}

const maxWaitMs = 10_000;

/** The service takes nothing for a while, and took nothing of this request. */
const refused: readonly number[] = [429, 503];

/** A proxy lost the answer: the request may have been carried out. */
const lost: readonly number[] = [502, 504];

/**
 * A `fetch` that sends a request again which was refused for a while or whose answer was lost. Every POST carries an
 * Idempotency-Key, so that what it stores is stored once; a DELETE whose answer was lost is not repeated.
 */
export function createRetryingFetch(
  send: typeof fetch,
  options: RetryOptions = {},
): (request: Request) => Promise<Response> {
  const { retries = 5, firstWaitMs = 200, maxRetryAfterMs = 120_000 } = options;

  return async (request) => {
    if (request.method === 'POST' && !request.headers.has('idempotency-key')) {
      request.headers.set('idempotency-key', crypto.randomUUID());
    }
    const isRepeatable = request.method !== 'DELETE';
    for (let tries = 1; ; tries++) {
      const isLast = tries > retries;
      const backoff = Math.min(maxWaitMs, firstWaitMs * 2 ** (tries - 1)) * (0.5 + Math.random() / 2);
      let waitMs = backoff;
      try {
        const response = await send(isLast ? request : request.clone());
        const isTemporary = refused.includes(response.status) || (isRepeatable && lost.includes(response.status));
        const asked = readRetryAfter(response.headers.get('retry-after')) ?? 0;
        if (!isTemporary || isLast || asked > maxRetryAfterMs) return response;
        await response.body?.cancel();
        waitMs = Math.max(backoff, asked);
      } catch (error) {
        if (isLast || !isRepeatable || request.signal.aborted) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  };
}

/** Milliseconds of a Retry-After header: seconds, or a date. */
export function readRetryAfter(value: string | null): number | undefined {
  if (value === null) return undefined;
  const seconds = Number(value);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const date = Date.parse(value);
  return Number.isNaN(date) ? undefined : Math.max(0, date - Date.now());
}
