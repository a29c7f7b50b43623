import type { FlatTable } from './flatbuffer-reader.ts';
import type { Codec } from './inflate.ts';
import { broken, checked } from './decode-message.ts';

/** What the metadata of a record batch say: the lengths of columns, and where buffers are in its body. */
export interface RecordBatch {
  rows: number;
  /** A length and a count of nulls for each column, and for each level of lists. */
  nodes: Float64Array;
  /** An offset and a length for each buffer. */
  buffers: Float64Array;
  codec?: Codec;
  /** How many buffers each column of views has behind its views. */
  variadicCounts: Float64Array;
}

/** The fields of Message.fbs. */
const batchFields = { length: 0, nodes: 1, buffers: 2, compression: 3, variadicCounts: 4 } as const;
const dictionaryFields = { id: 0, data: 1, isDelta: 2 } as const;

const codecs: readonly Codec[] = ['lz4', 'zstd'];

/**
 * Reads the metadata of a record batch. Each buffer is inside the body, and all of them together are no longer than it.
 *
 * Format: https://github.com/apache/arrow/blob/main/format/Message.fbs
 * @throws Problem broken_body
 */
export function readRecordBatch(header: FlatTable, bodyLength: number): RecordBatch {
  return checked(() => {
    const rows = header.int64(batchFields.length);
    if (!(rows >= 0 && Number.isSafeInteger(rows))) throw broken(`a record batch says to have ${rows} rows`);
    const nodes = header.structs(batchFields.nodes, 2);
    const buffers = header.structs(batchFields.buffers, 2);
    const variadicCounts = header.structs(batchFields.variadicCounts, 1);
    let needed = 0;
    for (let at = 0; at < buffers.length; at += 2) {
      const [offset, length] = [buffers[at], buffers[at + 1]];
      if (!(offset >= 0 && length >= 0 && offset + length <= bodyLength)) {
        throw broken(`a buffer of a record batch is not inside its ${bodyLength} bytes`);
      }
      needed += length;
    }
    if (needed > bodyLength) throw broken('columns of a record batch overlap');
    return { rows, nodes, buffers, codec: readCodec(header), variadicCounts };
  });
}

function readCodec(header: FlatTable): Codec | undefined {
  if (!header.has(batchFields.compression)) return undefined;
  const codec = header.table(batchFields.compression).uint8(0);
  if (codec in codecs) return codecs[codec];
  throw broken(`its buffers are compressed by the codec number ${codec}, and LZ4 and ZSTD are 0 and 1`);
}

/** A message that brings the values of a dictionary, or more of them. */
export interface DictionaryBatch {
  id: number;
  isDelta: boolean;
  batch: RecordBatch;
}

/** @throws Problem broken_body */
export function readDictionaryBatch(header: FlatTable, bodyLength: number): DictionaryBatch {
  return checked(() => ({
    id: header.int64(dictionaryFields.id),
    isDelta: header.uint8(dictionaryFields.isDelta) === 1,
    batch: readRecordBatch(header.table(dictionaryFields.data), bodyLength),
  }));
}
