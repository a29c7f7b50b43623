import type { FileHandle } from 'node:fs/promises';
import { Problem } from '#errors.ts';
import { concatBytes } from '#memory/concat.ts';
import { openUnnamedFile } from '#memory/unnamed-file.ts';
import type { RandomBytes } from './random-bytes.ts';
import type { ReadContext } from './reader.ts';
import { readBytes } from './stream/byte-reader.ts';

/** Bytes of a body that are kept in memory; a longer one goes to a temporary file. */
const enoughInMemory = 2 ** 20;

/**
 * Takes a whole body whose end has to be read first.
 * @throws Problem unavailable where there is no room for a temporary file
 */
export async function spoolBody(
  body: AsyncIterable<Uint8Array>,
  { atEnd }: Pick<ReadContext, 'atEnd'>,
): Promise<RandomBytes> {
  const begun: Uint8Array[] = [];
  let size = 0;
  let file: FileHandle | undefined;
  const reader = readBytes(body);
  try {
    for (let chunk = await reader.some(Infinity); chunk.length > 0; chunk = await reader.some(Infinity)) {
      size += chunk.length;
      if (file) {
        await append(file, chunk);
        continue;
      }
      begun.push(chunk);
      if (size <= enoughInMemory) continue;
      file = await openUnnamedFile().catch(noRoom);
      await append(file, concatBytes(begun.splice(0)));
    }
  } catch (error) {
    await file?.close();
    throw error;
  }
  if (!file) return bytesInMemory(concatBytes(begun));
  const whole = file;
  atEnd(() => void whole.close());
  return bytesOfFile(whole, size);
}

/** A nearly full disk may accept only part of the bytes. */
async function append(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    at += (await file.write(bytes, at, bytes.length - at).catch(noRoom)).bytesWritten;
  }
}

function noRoom(): never {
  throw new Problem('unavailable', 'There is currently no room on disk for a file this long.');
}

function bytesOfFile(file: FileHandle, size: number): RandomBytes {
  return {
    size,
    async read(offset, length) {
      const bytes = new Uint8Array(length);
      for (let at = 0; at < length; ) {
        const { bytesRead } = await file.read(bytes, at, length - at, offset + at);
        if (bytesRead === 0) throw new Error('The temporary file of a request is shorter than what was written to it.');
        at += bytesRead;
      }
      return bytes;
    },
  };
}

function bytesInMemory(whole: Uint8Array): RandomBytes {
  return {
    size: whole.length,
    read: async (offset, length) => new Uint8Array(whole.subarray(offset, offset + length)),
  };
}
