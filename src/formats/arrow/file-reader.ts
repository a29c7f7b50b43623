import type { RandomBytes } from '#formats/random-bytes.ts';
import { rootTable } from './flatbuffer-reader.ts';
import {
  type ArrowMessage,
  broken,
  checked,
  maxMetadataBytes,
  readMessage,
  reserveForMessage,
} from './decode-message.ts';
import { type ArrowTableReader, batchTooLarge, continuation } from './stream-reader.ts';
import { readTableSchema } from './table-schema.ts';

/** What a file begins and ends with. */
const arrowFileMagic = 'ARROW1';

/** The fields of File.fbs. A block is an offset, the length of its metadata, and that of its body. */
const footerFields = { schema: 1, dictionaries: 2, batches: 3 } as const;
const wordsOfBlock = 3;

/** The length of the footer, and the magic. */
const tailBytes = 4 + arrowFileMagic.length;

interface Block {
  offset: number;
  metadataLength: number;
}

/**
 * Reads an Arrow file, also called Feather version 2. Its footer says where the messages are; polars has the dictionaries
 * behind the batches that need them.
 *
 * Format: https://arrow.apache.org/docs/format/Columnar.html#ipc-file-format
 * @param limit bytes that a batch may take, inflated
 * @throws Problem broken_body, invalid_data, body_too_large, here and for each batch
 */
export async function openArrowFile(file: RandomBytes, limit: number): Promise<ArrowTableReader> {
  const { schema, dictionaries, blocks } = await readFooter(file);
  let bytesLeft = file.size;

  async function read(block: Block): Promise<ArrowMessage> {
    const found = await readBlock(file, block, limit);
    bytesLeft -= block.metadataLength + found.body.length;
    if (bytesLeft < 0) throw broken('its footer names places that overlap');
    return found;
  }

  async function* messages(): AsyncGenerator<ArrowMessage, void> {
    for (const block of dictionaries) {
      const found = await read(block);
      if (found.message.kind !== 'dictionary') {
        throw broken(`a ${found.message.kind} stands where a dictionary should`);
      }
      yield found;
    }
    for (const block of blocks) {
      const found = await read(block);
      if (found.message.kind !== 'batch') throw broken(`a ${found.message.kind} stands where a record batch should`);
      yield found;
    }
  }
  return { schema, messages };
}

async function readFooter(file: RandomBytes) {
  if (file.size < 2 * tailBytes) throw broken('the file is too short');
  const tail = await file.read(file.size - tailBytes, tailBytes);
  if (Buffer.from(tail).toString('latin1', 4) !== arrowFileMagic) throw broken('the file does not end as it begins');
  const length = new DataView(tail.buffer).getUint32(0, true);
  if (length > Math.min(maxMetadataBytes, file.size - tailBytes)) {
    throw broken(`the footer of the file says to be ${length} bytes long`);
  }
  const bytes = await file.read(file.size - tailBytes - length, length);
  return checked(() => {
    const footer = rootTable(bytes);
    const schema = readTableSchema(footer.table(footerFields.schema));
    const [dictionaries, blocks] = [footerFields.dictionaries, footerFields.batches].map((field) =>
      readBlocks(footer.structs(field, wordsOfBlock)),
    );
    return { schema, dictionaries, blocks };
  });
}

function readBlocks(words: Float64Array): Block[] {
  return Array.from({ length: words.length / wordsOfBlock }, (_, at) => ({
    offset: words[wordsOfBlock * at],
    // The upper half of its word is padding.
    metadataLength: words[wordsOfBlock * at + 1] % 2 ** 32,
  }));
}

async function readBlock(file: RandomBytes, { offset, metadataLength }: Block, limit: number): Promise<ArrowMessage> {
  const bodyStart = offset + metadataLength;
  if (!(offset >= 0 && metadataLength >= 8 && metadataLength <= maxMetadataBytes && bodyStart <= file.size)) {
    throw broken('its footer names a place outside of the file');
  }
  const metadata = await file.read(offset, metadataLength);
  const hasMark = new DataView(metadata.buffer).getUint32(0, true) === continuation;
  const message = readMessage(metadata.subarray(hasMark ? 8 : 4));
  if (message.bodyLength > limit) throw batchTooLarge(message.bodyLength, limit);
  if (message.bodyLength > file.size - bodyStart) throw broken('the body of a message is not inside the file');
  const memory = reserveForMessage();
  memory.grow(message.bodyLength);
  return { message, body: await file.read(bodyStart, message.bodyLength), memory };
}
