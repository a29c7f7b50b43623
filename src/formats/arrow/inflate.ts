import { zstdDecompressSync } from 'node:zlib';
import { Problem } from '#errors.ts';
import { inflateLz4Frame } from './lz4-frame.ts';
import { broken } from './decode-message.ts';

export type Codec = 'lz4' | 'zstd';

/** What is still allowed to come out of compressed buffers, in bytes. */
export interface Allowance {
  bytes: number;
}

/** Every compressed buffer begins with the length that it inflates to. */
const prefixBytes = 8;

const notCompressed = -1;

/**
 * The bytes of a buffer that its record batch has compressed.
 *
 * Format: https://github.com/apache/arrow/blob/main/format/Message.fbs, at BodyCompressionMethod
 * @throws Problem broken_body; body_too_large before more than allowed is held
 */
export function inflateBuffer(buffer: Uint8Array, codec: Codec, allowance: Allowance): Uint8Array {
  if (buffer.length === 0) return buffer;
  if (buffer.length < prefixBytes) throw broken('a compressed buffer is too short to tell its length');
  const length = lengthBefore(buffer);
  const content = buffer.subarray(prefixBytes);
  if (length === notCompressed) return content;
  if (length < 0) throw broken(`a compressed buffer says to be ${length} bytes long`);
  allowance.bytes -= length;
  if (allowance.bytes < 0) {
    throw new Problem(
      'body_too_large',
      'A record batch inflates to more than one request may hold (NORMA_BODY_LIMIT). Write smaller ones, in pyarrow by write_table(table, max_chunksize=65536).',
    );
  }
  try {
    const inflated = codec === 'lz4' ? inflateLz4Frame(content, length) : inflateZstd(content, length);
    if (inflated.length === length) return inflated;
  } catch (error) {
    if (!(error instanceof Error)) throw error;
  }
  throw broken(`a buffer is not the ${codec} that it says to be`);
}

/** The length that a compressed buffer says to inflate to; 0 for one that is broken. */
export function declaredLength(buffer: Uint8Array): number {
  if (buffer.length < prefixBytes) return 0;
  const length = lengthBefore(buffer);
  return length === notCompressed ? buffer.length - prefixBytes : Math.max(0, length);
}

function lengthBefore(buffer: Uint8Array): number {
  return Number(new DataView(buffer.buffer, buffer.byteOffset, prefixBytes).getBigInt64(0, true));
}

function inflateZstd(content: Uint8Array, length: number): Uint8Array {
  const inflated = zstdDecompressSync(content, { maxOutputLength: Math.max(length, 1) });
  return new Uint8Array(inflated.buffer, inflated.byteOffset, inflated.length);
}
