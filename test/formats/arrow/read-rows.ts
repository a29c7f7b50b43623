import { type ArrowRows, createArrowDecoder } from '#formats/arrow/decode.ts';
import { cutRows } from '#formats/arrow/table/cut-rows.ts';
import { broken } from '#formats/arrow/decode-message.ts';
import type { ArrowTableReader } from '#formats/arrow/stream-reader.ts';

/** The rows of a stream or file, decoded one batch after the other. */
export async function* readRows(
  { schema, messages }: ArrowTableReader,
  limit: number,
  wanted?: readonly number[],
): AsyncGenerator<ArrowRows, void> {
  const decoder = createArrowDecoder(schema, limit);
  for await (const { message, body } of messages()) {
    if (message.kind === 'dictionary') decoder.addDictionary(message, body);
    else if (message.kind === 'batch') yield* cutRows(decoder.readRows(message, body), wanted);
    else throw broken(`a ${message.kind} follows its schema`);
  }
}
