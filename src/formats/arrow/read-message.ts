import { Problem } from '#errors.ts';
import { broken, type Message, metadataLength, prefixLength, readMessage } from './decode-message.ts';
import type { ByteReader } from '#formats/stream/byte-reader.ts';

/**
 * Reads the next message of an Arrow stream, without its body; undefined at the end-of-stream marker or the end of the
 * request.
 * @throws Problem broken_body
 */
export async function nextMessage(reader: ByteReader): Promise<Message | undefined> {
  if (await reader.ended()) return undefined;
  const length = metadataLength(await readExactly(reader, prefixLength));
  if (length > 0) return readMessage(await readExactly(reader, length));
  if (!(await reader.ended())) throw broken('it is followed by extra bytes');
  return undefined;
}

/** @throws Problem broken_body if the request ends earlier */
export async function readExactly(reader: ByteReader, length: number): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(length);
  const filled = await reader.read(bytes);
  if (filled < length) throw truncated(filled, length);
  return bytes;
}

/** Reads and discards bytes. */
export async function skip(reader: ByteReader, length: number): Promise<void> {
  for (let skipped = 0; skipped < length; ) {
    const { length: some } = await reader.some(length - skipped);
    if (some === 0) throw truncated(skipped, length);
    skipped += some;
  }
}

function truncated(got: number, wanted: number): Problem {
  return broken(`it ends after ${got} of ${wanted} bytes`);
}
