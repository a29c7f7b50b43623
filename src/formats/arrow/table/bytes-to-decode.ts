import type { Message } from '#formats/arrow/decode-message.ts';
import { declaredLength } from '#formats/arrow/inflate.ts';
import { readDictionaryBatch, readRecordBatch } from '#formats/arrow/record-batch.ts';

/**
 * Bytes that decoding a message takes besides its body: its buffers inflated, and the rows that are made of them.
 * @param limit bytes that it may inflate to; more is refused when it is decoded
 * @throws Problem broken_body
 */
export function bytesToDecode({ kind, header }: Message, body: Uint8Array, limit: number): number {
  if (kind !== 'dictionary' && kind !== 'batch') return 0;
  const isDictionary = kind === 'dictionary';
  const batch = isDictionary ? readDictionaryBatch(header, body.length).batch : readRecordBatch(header, body.length);
  if (!batch.codec) return body.length;
  let inflated = 0;
  for (let at = 0; at < batch.buffers.length; at += 2) {
    const [offset, length] = batch.buffers.subarray(at, at + 2);
    inflated += declaredLength(body.subarray(offset, offset + length));
  }
  return 2 * Math.min(inflated, limit);
}
