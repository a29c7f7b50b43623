import { Problem } from '#errors.ts';
import type { ByteReader } from './byte-reader.ts';

/** Target bytes of a piece, which ends with a line. */
const target = 2 ** 20;
const firstRoom = 2 ** 16;

/** Maximum bytes of a line: 2^20 cells of 32 characters. */
const maxLineBytes = 2 ** 25;

/**
 * Cuts a text into pieces of about a megabyte that end with a record.
 * @param endOf behind the last whole record of bytes that begin with one and go on; 0 where there is none
 * @throws Problem body_too_large for a line that does not end
 */
export async function* chunkLines(
  reader: ByteReader,
  limit: number,
  endOf: (bytes: Uint8Array) => number,
): AsyncGenerator<Uint8Array<ArrayBuffer>, void> {
  const longest = Math.min(maxLineBytes, limit);
  let room = new Uint8Array(firstRoom);
  let filled = 0;
  for (;;) {
    filled += await reader.read(room.subarray(filled));
    if (filled < room.length) break;
    const end = filled < target ? 0 : endOf(room);
    if (end > 0) {
      const next = new Uint8Array(Math.max(target, 2 * (filled - end)));
      next.set(room.subarray(end));
      yield shortened(room, end);
      filled -= end;
      room = next;
    } else if (filled >= longest) {
      throw new Problem('body_too_large', `A line is longer than ${longest} bytes.`);
    } else {
      room = new Uint8Array(room.buffer.transfer(Math.min(2 * filled, Math.max(longest, firstRoom))));
    }
  }
  if (filled > 0) yield shortened(room, filled);
}

function shortened(bytes: Uint8Array<ArrayBuffer>, length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes.buffer.transfer(length));
}
