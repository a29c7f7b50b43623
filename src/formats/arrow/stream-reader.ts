import { Problem } from '#errors.ts';
import {
  type ArrowMessage,
  broken,
  maxMetadataBytes,
  type Message,
  readMessage,
  reserveForMessage,
} from './decode-message.ts';
import { type ArrowTableSchema, readTableSchema } from './table-schema.ts';

/** Bytes as they come. */
export interface ByteSource {
  /** Whether nothing follows. */
  ended(): Promise<boolean>;
  /**
   * @param reserve called with the bytes of each piece before they are kept
   * @throws Problem broken_body where they end before
   */
  take(length: number, reserve?: (bytes: number) => void): Promise<Uint8Array>;
  /** Takes bytes that nobody needs. */
  skip(length: number): Promise<void>;
}

export interface ArrowTableReader {
  schema: ArrowTableSchema;
  /** The record batches and the dictionaries before them as they are stored, each read when it is asked for. */
  messages(): AsyncGenerator<ArrowMessage, void>;
}

export const continuation = 0xffffffff;

const featherV1Magic = 0x31414546;

/** What an Arrow file begins with, "ARRO". */
const fileMagic = 0x4f525241;

/**
 * Reads an Arrow stream. Messages may have no continuation mark, as before Arrow 0.15.
 *
 * Format: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 * @param limit bytes that a batch may take, inflated
 * @throws Problem broken_body, invalid_data, body_too_large, here and for each batch
 */
export async function openArrowStream(source: ByteSource, limit: number): Promise<ArrowTableReader> {
  const first = await nextMessage(source);
  if (first?.kind !== 'schema') throw broken('it does not start with a schema');
  const schema = readTableSchema(first.header);
  await source.skip(first.bodyLength);

  async function* messages(): AsyncGenerator<ArrowMessage, void> {
    for (let message = await nextMessage(source); message; message = await nextMessage(source)) {
      if (message.bodyLength > limit) throw batchTooLarge(message.bodyLength, limit);
      const memory = reserveForMessage();
      yield { message, body: await source.take(message.bodyLength, memory.grow), memory };
    }
  }
  return { schema, messages };
}

/**
 * The next message up to its body; undefined at the end, which is said or is the body's own.
 * @throws Problem broken_body, for one that follows the schema and is neither a batch nor a dictionary as well
 */
export async function nextMessage(source: ByteSource): Promise<Message | undefined> {
  if (await source.ended()) return undefined;
  const start = uint32(await source.take(4));
  if (start === featherV1Magic) {
    throw new Problem('invalid_data', 'This is a Feather file of version 1; version 2, which is Arrow, is read.');
  }
  if (start === fileMagic) {
    throw broken(
      'it is an Arrow file (Feather), not in the stream format; send it as application/vnd.apache.arrow.file',
    );
  }
  const length = start === continuation ? uint32(await source.take(4)) : start;
  if (length > maxMetadataBytes) throw broken(`a message declares ${length} bytes of metadata`);
  if (length > 0) return readMessage(await source.take(length));
  if (!(await source.ended())) throw broken('it is followed by extra bytes');
  return undefined;
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}

export function batchTooLarge(length: number, limit: number): Problem {
  return new Problem(
    'body_too_large',
    `A record batch has ${length} bytes, and one request may hold ${limit} (NORMA_BODY_LIMIT). Write smaller ones, in pyarrow by write_table(table, max_chunksize=65536).`,
  );
}
