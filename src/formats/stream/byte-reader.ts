import { Problem } from '#errors.ts';
import { free } from '#memory/free.ts';
import { reservationNow } from '#memory/reservation.ts';
import { grow } from '#memory/grow.ts';
import { type Chunks, chunksOf } from './chunks.ts';
import { isWholeBody } from './whole-body.ts';

/** Reads a body piece by piece, at most one chunk ahead, so that back-pressure reaches the client. */
export interface ByteReader {
  /** Fills `into` as far as the body allows, and returns the number of bytes. */
  read(into: Uint8Array): Promise<number>;
  /** The next available bytes, at most `most`; none at the end. */
  some(most: number): Promise<Uint8Array>;
  /** Puts back the last bytes that `some` returned. */
  unread(bytes: Uint8Array): void;
  /**
   * Reads a header of unknown length: passes what has arrived to `parse` until that returns something.
   * @param dataOffset where the data start in what was parsed
   */
  header<Header>(
    parse: (bytes: Uint8Array) => Header | null,
    dataOffset: (header: Header) => number,
  ): Promise<Header | null>;
  /**
   * The next bytes, fewer at the end of the body. Memory grows with what arrives, not with what was declared.
   * @param reserve called with the bytes of each piece before they are kept
   */
  take(length: number, reserve?: (bytes: number) => void): Promise<Uint8Array<ArrayBuffer>>;
  /** Whether the body has ended. */
  ended(): Promise<boolean>;
  /**
   * The rest of the body in one piece.
   * @param expected its declared length, only a hint
   * @throws Problem body_too_large
   */
  rest(limit: number, expected: number): Promise<Uint8Array<ArrayBuffer>>;
}

export function readBytes(body: AsyncIterable<Uint8Array>): ByteReader {
  const isWhole = isWholeBody(body);
  const chunks = isWhole ? noChunks : chunksOf(body);
  let chunk: Uint8Array = isWhole ? body.whole : new Uint8Array(0);
  // A whole body was reserved before it was read.
  const reservation = isWhole ? undefined : reservationNow();

  /** Ensures that there is an unread byte; false at the end. */
  async function refill(): Promise<boolean> {
    if (chunk.length > 0) return true;
    return chunks.each((next) => {
      chunk = next;
      return chunk.length === 0;
    });
  }

  /** Takes up to `most` bytes as they arrive; the rest of a chunk stays unread. */
  async function upTo(most: number, take: (piece: Uint8Array, at: number) => void): Promise<number> {
    let length = 0;
    function add(bytes: Uint8Array): boolean {
      const piece = bytes.subarray(0, most - length);
      take(piece, length);
      length += piece.length;
      chunk = bytes.subarray(piece.length);
      return length < most;
    }
    if (add(chunk)) await chunks.each(add);
    return length;
  }

  /**
   * Up to `most` bytes in one piece, filled as they arrive: joining the chunks at the end would block the event loop.
   */
  async function gather(most: number, expected: number, reserve = ignore): Promise<Uint8Array<ArrayBuffer>> {
    let whole = new Uint8Array(Math.min(expected, most));
    function add(piece: Uint8Array, at: number): void {
      const needed = at + piece.length;
      reserve(piece.length);
      if (needed > whole.length) whole = grow(whole, at, Math.min(most, Math.max(2 * whole.length, needed)));
      whole.set(piece, at);
    }
    const length = await upTo(most, add).catch((error: unknown) => {
      free(whole.buffer);
      throw error;
    });
    return length === whole.length ? whole : new Uint8Array(whole.buffer.transfer(length));
  }

  return {
    read: (into) => upTo(into.length, (piece, at) => into.set(piece, at)),
    async some(most) {
      if (most === 0 || !(await refill())) return chunk.subarray(0, 0);
      const piece = chunk.subarray(0, most);
      chunk = chunk.subarray(piece.length);
      return piece;
    },
    unread(bytes) {
      chunk = chunk.length === 0 ? bytes : Buffer.concat([bytes, chunk]);
    },
    async header(parse, dataOffset) {
      await refill();
      let header = parse(chunk);
      if (header === null) {
        await chunks.each((next) => {
          chunk = Buffer.concat([chunk, next]);
          header = parse(chunk);
          return header === null;
        });
      }
      if (header !== null) chunk = chunk.subarray(dataOffset(header));
      return header;
    },
    async ended() {
      return !(await refill());
    },
    take: (length, reserve) => gather(length, 0, reserve),
    async rest(limit, expected) {
      const whole = await gather(limit, expected, reservation?.takeBody);
      if (await refill()) throw tooLarge(limit);
      return whole;
    },
  };
}

const noChunks: Chunks = { each: () => Promise.resolve(false) };

const ignore = (_bytes: number): void => undefined;

export function tooLarge(limit: number): Problem {
  return new Problem(
    'body_too_large',
    `The request would hold more than ${limit} bytes in memory (NORMA_BODY_LIMIT). Send a binary body to a call that streams, or send less at once.`,
  );
}
