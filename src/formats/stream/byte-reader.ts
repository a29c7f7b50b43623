import { Problem } from '#errors.ts';
import { free } from '#memory/free.ts';
import { grow } from '#memory/grow.ts';
import { chunksOf } from './chunks.ts';

/** Reads a body piece by piece, no further ahead than one chunk: back-pressure reaches the client. */
export interface ByteReader {
  /** Fills `into` as far as the body goes, and returns how many bytes that were. */
  read(into: Uint8Array): Promise<number>;
  /** The next bytes that are there, at most `most` of them and none at the end. */
  some(most: number): Promise<Uint8Array>;
  /** Puts the last of the bytes that `some` gave back. */
  unread(bytes: Uint8Array): void;
  /**
   * Reads a header of unknown length: hands what is there to `parse` until that returns something.
   * @param dataOffset where the data begin in what was parsed
   */
  header<Header>(
    parse: (bytes: Uint8Array) => Header | null,
    dataOffset: (header: Header) => number,
  ): Promise<Header | null>;
  /** The next bytes, at most so many, fewer at the end of the body. Memory grows with what comes, not with what was said. */
  take(length: number): Promise<Uint8Array<ArrayBuffer>>;
  /** Whether the body has ended. */
  ended(): Promise<boolean>;
  /**
   * The rest of the body in one piece.
   * @param expected its length, where a header tells; only a hint
   * @throws Problem body_too_large
   */
  rest(limit: number, expected: number): Promise<Uint8Array<ArrayBuffer>>;
}

export function readBytes(body: AsyncIterable<Uint8Array>): ByteReader {
  const chunks = chunksOf(body);
  let chunk: Uint8Array = new Uint8Array(0);

  /** Makes sure that there is an unread byte; false at the end. */
  async function refill(): Promise<boolean> {
    if (chunk.length > 0) return true;
    return chunks.each((next) => {
      chunk = next;
      return chunk.length === 0;
    });
  }

  /** Takes bytes as they come until there are `most`; what is over of a chunk stays unread. */
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

  /** At most so many bytes in one piece. Filled as it comes: to join the chunks at the end would hold the event loop up. */
  async function gather(most: number, expected: number): Promise<Uint8Array<ArrayBuffer>> {
    let whole = new Uint8Array(Math.min(expected, most));
    function add(piece: Uint8Array, at: number): void {
      const needed = at + piece.length;
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
    take: (length) => gather(length, 0),
    async rest(limit, expected) {
      const whole = await gather(limit, expected);
      if (await refill()) throw tooLarge(limit);
      return whole;
    },
  };
}

export function tooLarge(limit: number): Problem {
  return new Problem(
    'body_too_large',
    `The request would hold more than ${limit} bytes in memory (NORMA_BODY_LIMIT). Send a binary body to a call that streams, or send less at once.`,
  );
}
