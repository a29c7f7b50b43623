import type { CarriedColumn } from '#tensor/carried.ts';
import type { ArrayDtype } from '#tensor/dtype.ts';
import { itemSize } from '#tensor/dtype.ts';
import type { Runner } from '#pool/task.ts';
import { numericDtype } from '#tables/field.ts';
import { toRowMajor } from '#tables/numbers.ts';
import { createArrowDecoder } from '../decode.ts';
import { decodeBatch } from './decode-batch.ts';
import { type ArrowMessage, broken, type Message, reserveForMessage } from '../decode-message.ts';
import { bytesToDecode } from './bytes-to-decode.ts';
import { readRecordBatch } from '../record-batch.ts';
import { batchTooLarge, type ByteSource, nextMessage } from '../stream-reader.ts';
import type { ArrowTableSchema } from '../table-schema.ts';

/** Values of a column, or of its lists. */
export interface ValuePiece {
  elements: ArrayBuffer;
  values: number;
  /** The lengths of the lists. */
  listShape: readonly number[];
}

/** Values that come together. */
const target = 2 ** 17;

/** What a column's numbers become, and what decodes them. */
interface Decoding {
  dtype: ArrayDtype;
  run: Runner;
  limit: number;
}

/**
 * The numbers of an only column while they come: its values follow each other as those of a tensor, so a batch may be longer
 * than what may be held.
 * @throws Problem broken_body, invalid_data, body_too_large, not_exact
 */
export async function* streamColumn(
  source: ByteSource,
  schema: ArrowTableSchema,
  decoding: Decoding,
): AsyncGenerator<ValuePiece, void> {
  const decode = createColumnDecoder(schema, decoding);
  for (let message = await nextMessage(source); message; message = await nextMessage(source)) {
    const plain = message.kind === 'batch' ? plainValues(message, schema) : undefined;
    if (plain) {
      yield* readValues(source, plain, schema, decoding.dtype);
      await source.skip(message.bodyLength - plain.end);
    } else {
      if (message.bodyLength > decoding.limit) throw batchTooLarge(message.bodyLength, decoding.limit);
      const memory = reserveForMessage();
      yield* await decode({ message, body: await source.take(message.bodyLength, memory.grow), memory });
      if (message.kind === 'batch') memory.release();
    }
  }
}

/** The numbers of an only column whose batches are held whole. */
export async function* decodeColumn(
  messages: AsyncIterable<ArrowMessage>,
  schema: ArrowTableSchema,
  decoding: Decoding,
): AsyncGenerator<ValuePiece, void> {
  const decode = createColumnDecoder(schema, decoding);
  for await (const stored of messages) {
    yield* await decode(stored);
    if (stored.message.kind === 'batch') stored.memory.release();
  }
}

function createColumnDecoder(
  schema: ArrowTableSchema,
  { dtype, run, limit }: Decoding,
): (stored: ArrowMessage) => Promise<ValuePiece[]> {
  const dictionaries = new Map<number, CarriedColumn>();
  const decoder = createArrowDecoder(schema, limit, { dictionaries });
  const plan = { numbers: [0], carried: [] };
  let known: number[] | undefined;
  return async ({ message, body, memory }) => {
    memory.grow(bytesToDecode(message, body, limit));
    if (message.kind === 'dictionary') {
      decoder.addDictionary(message, body);
      return [];
    }
    if (message.kind !== 'batch') throw broken(`its schema is followed by a ${message.kind} message`);
    const { metadata } = message;
    const job = { schema, metadata, body, limit, dictionaries, plan, dtype, listShape: known };
    const { pieces, listShape = [] } = await decodeBatch(job, run);
    if (pieces.length > 0) known = listShape;
    return pieces.map(({ elements }) => ({ elements, values: elements.byteLength / itemSize(dtype), listShape }));
  };
}

/** Where values are in a body. */
interface PlainValues {
  from: number;
  end: number;
  count: number;
  listShape: number[];
}

/** Where the values of a batch are, where they stand there as they are; undefined where they have to be decoded, or are broken. */
function plainValues(
  { header, bodyLength }: Message,
  { fields, lists = [] }: ArrowTableSchema,
): PlainValues | undefined {
  const { type } = fields[0];
  if (type.kind !== 'int' && type.kind !== 'float') return undefined;
  const { rows, codec, nodes, buffers } = readRecordBatch(header, bodyLength);
  const listShape = lists.flatMap((level) => (level.kind === 'fixed' ? level.length : []));
  const levels = lists.length;
  if (codec || listShape.length < levels || nodes.length !== 2 * (levels + 1)) return undefined;
  if (buffers.length !== 2 * (levels + 2)) return undefined;
  let count = rows;
  for (let level = 0; level <= levels; level++) {
    if (nodes[2 * level] !== count || nodes[2 * level + 1] !== 0) return undefined;
    count *= listShape[level] ?? 1;
  }
  const [from, length] = buffers.subarray(2 * (levels + 1));
  const bytes = (count * type.bits) / 8;
  return bytes <= length ? { from, end: from + bytes, count, listShape } : undefined;
}

async function* readValues(
  source: ByteSource,
  { from, count, listShape }: PlainValues,
  { fields: [{ name, type }] }: ArrowTableSchema,
  dtype: ArrayDtype,
): AsyncGenerator<ValuePiece, void> {
  const stored = numericDtype({ type }) ?? dtype;
  await source.skip(from);
  for (let at = 0; at < count; at += target) {
    const values = Math.min(target, count - at);
    const data = await source.take(values * itemSize(stored));
    const column = { name, column: { type, length: values, data } };
    const isWhole = stored === dtype && data.buffer instanceof ArrayBuffer && data.buffer.byteLength === data.length;
    yield { elements: isWhole ? data.buffer : toRowMajor([column], dtype, values), values, listShape };
  }
}
