import { Readable } from 'node:stream';
import { Problem } from '#errors.ts';

/** The chunks of a body, read at most one ahead, so that back-pressure reaches the client. */
export interface Chunks {
  /**
   * Passes chunk after chunk to `take` as long as it wants more.
   * @returns false at the end of the body
   * @throws Problem broken_body, or the reason why the body was aborted; and what `take` throws
   */
  each(take: Take): Promise<boolean>;
}

type Take = (chunk: Uint8Array) => boolean;

export function chunksOf(body: AsyncIterable<Uint8Array>): Chunks {
  return body instanceof Readable ? chunksOfStream(body) : chunksOfIterable(body);
}

function chunksOfIterable(body: AsyncIterable<Uint8Array>): Chunks {
  const chunks = body[Symbol.asyncIterator]();
  const rethrow = (error: unknown) => {
    throw faultOf(error);
  };
  return {
    async each(take) {
      for (;;) {
        const next = await chunks.next().catch(rethrow);
        if (next.done) return false;
        if (!take(next.value)) return true;
      }
    },
  };
}

/** Uses events, because a stream's own iterator costs as much as copying the bytes of a large body. */
function chunksOfStream(stream: Readable): Chunks {
  let waiting: { take: Take; resolve(more: boolean): void; reject(error: unknown): void } | undefined;
  let isOpen = false;
  let fault: Problem | undefined;

  function open(): void {
    isOpen = true;
    // Otherwise adding a listener would start the flow.
    stream.pause();
    stream.on('data', hand).on('end', end).on('error', fail).on('close', leave);
    if (stream.destroyed) fail(stream.errored);
  }

  function hand(chunk: Uint8Array): void {
    if (!waiting) return;
    const { take, resolve, reject } = waiting;
    try {
      if (take(chunk)) return;
      resolve(true);
    } catch (error) {
      reject(error);
    }
    waiting = undefined;
    stream.pause();
  }

  function end(): void {
    waiting?.resolve(false);
    waiting = undefined;
  }

  function fail(error: unknown): void {
    fault ??= faultOf(error);
    waiting?.reject(fault);
    waiting = undefined;
  }

  function leave(): void {
    if (!stream.readableEnded) fail(stream.errored);
  }

  return {
    async each(take) {
      if (!isOpen) open();
      if (stream.readableEnded) return false;
      if (fault) throw fault;
      const { promise, resolve, reject } = Promise.withResolvers<boolean>();
      waiting = { take, resolve, reject };
      stream.resume();
      return promise;
    },
  };
}

/** Errors of the stream are problems of the body: the client disconnected, or the compressed data are corrupt. */
function faultOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  const why = error instanceof Error ? error.message : 'it ended early';
  return new Problem('broken_body', `The body could not be read: ${why}.`);
}
