import { Problem } from '#errors.ts';
import { cutRows } from './cut-rows.ts';
import { type ArrowRows, createArrowDecoder } from './decode.ts';
import { broken, maxMetadataBytes, type Message, readMessage } from './decode-message.ts';
import { type ArrowTableSchema, readTableSchema } from './table-schema.ts';

/** Bytes as they come. */
export interface ByteSource {
  /** Whether nothing follows. */
  ended(): Promise<boolean>;
  /** @throws Problem broken_body where they end before */
  take(length: number): Promise<Uint8Array>;
  /** Takes bytes that nobody needs. */
  skip(length: number): Promise<void>;
}

export interface ArrowTableReader {
  schema: ArrowTableSchema;
  /**
   * The rows, a record batch or a part of one at a time, each read when it is asked for.
   * @param wanted the places of the columns that are given, in that order; all of them where it is absent
   */
  batches(wanted?: readonly number[]): AsyncGenerator<ArrowRows, void>;
}

export const continuation = 0xffffffff;

const featherV1Magic = 0x31414546;

/**
 * Reads an Arrow stream. Messages may have no continuation mark, as before Arrow 0.15.
 *
 * Format: https://arrow.apache.org/docs/format/Columnar.html#serialization-and-interprocess-communication-ipc
 * @param limit bytes that a batch may take, inflated
 * @throws Problem broken_body, invalid_data, body_too_large, here and for each batch
 */
export async function openArrowStream(source: ByteSource, limit: number): Promise<ArrowTableReader> {
  const first = await readNext(source);
  if (first?.kind !== 'schema') throw broken('it does not begin with a schema');
  const schema = readTableSchema(first.header);
  await source.skip(first.bodyLength);
  const decoder = createArrowDecoder(schema, limit);

  async function* batches(wanted?: readonly number[]): AsyncGenerator<ArrowRows, void> {
    for (let message = await readNext(source); message; message = await readNext(source)) {
      if (message.bodyLength > limit) throw batchTooLarge(message.bodyLength, limit);
      const body = await source.take(message.bodyLength);
      if (message.kind === 'dictionary') decoder.addDictionary(message, body);
      else if (message.kind === 'batch') yield* cutRows(decoder.readRows(message, body), wanted);
      else throw broken(`a message of the kind ${message.kind} follows its schema`);
    }
    if (!(await source.ended())) throw broken('there are bytes after its end');
  }
  return { schema, batches };
}

/** The next message up to its body; undefined at the end, which is said or is the body's own. */
async function readNext(source: ByteSource): Promise<Message | undefined> {
  if (await source.ended()) return undefined;
  const start = uint32(await source.take(4));
  if (start === featherV1Magic) {
    throw new Problem('invalid_data', 'This is a Feather file of version 1; version 2, which is Arrow, is read.');
  }
  const length = start === continuation ? uint32(await source.take(4)) : start;
  if (length === 0) return undefined;
  if (length > maxMetadataBytes) throw broken(`the metadata of a message say to be ${length} bytes long`);
  return readMessage(await source.take(length));
}

function uint32(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(0, true);
}

export function batchTooLarge(length: number, limit: number): Problem {
  return new Problem(
    'body_too_large',
    `A record batch is ${length} bytes, and one request may hold ${limit} (NORMA_BODY_LIMIT). Write smaller ones, in pyarrow by write_table(table, max_chunksize=65536).`,
  );
}
