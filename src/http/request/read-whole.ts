import { createWholeBody, type WholeBody } from '#formats/stream/whole-body.ts';
import type { Exchange } from '#http/exchange/exchange.ts';

/** Bodies up to this many bytes are read before their request is handled. */
const maxWholeBytes = 2 ** 18;

/** Whether a body is so short, and plain, that it needs no stream. */
export function isShort({ request: { headers } }: Exchange, limit: number): boolean {
  const length = Number(headers['content-length']);
  return (
    length > 0 &&
    length <= Math.min(maxWholeBytes, limit) &&
    headers['content-encoding'] === undefined &&
    headers.expect === undefined
  );
}

/**
 * Reads a whole body of declared length.
 * @param done gets it, or why there is none: it found no room, or the request was cancelled
 */
export function readWhole(exchange: Exchange, done: (error: Error | null, body?: WholeBody) => void): void {
  const { request, admission } = exchange;
  const { raw } = request;
  const length = Number(request.headers['content-length']);
  try {
    admission?.takeBody(length);
  } catch (error) {
    done(error as Error);
    return;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  exchange.onCancel = done;
  raw.on('data', (chunk: Buffer) => {
    whole.set(chunk, at);
    at += chunk.length;
  });
  raw.on('end', () => {
    admission?.arrive();
    atEndOfTurn(() => {
      if (exchange.problem) return;
      exchange.onCancel = undefined;
      done(null, createWholeBody(whole));
    });
  });
}

let due: (() => void)[] = [];

/**
 * Requests that arrive in one turn of the event loop are handled together: their tasks then share a trip to a thread. Their
 * steps alternate, because each `await` lets the next one go first, and a step that follows itself finds its code in the
 * processor's cache.
 */
function atEndOfTurn(handle: () => void): void {
  if (due.length === 0) setImmediate(handleDue);
  due.push(handle);
}

function handleDue(): void {
  const handles = due;
  due = [];
  for (const handle of handles) handle();
}
