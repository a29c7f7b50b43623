import { brotliDecompressSync, gunzipSync, zstdDecompressSync } from 'node:zlib';
import { compressors } from 'hyparquet-compressors';
import { Problem } from '#errors.ts';

/**
 * The bytes of a page, of which there are exactly `length`.
 * @throws Problem invalid_data for a codec that is not read; Error where it is not such a page
 */
export function inflatePage(bytes: Uint8Array, codec: string, length: number): Uint8Array {
  if (length === 0) return new Uint8Array(0);
  const page = inflate(bytes, codec, length);
  if (page.length !== length) throw new RangeError(`a page has ${page.length} bytes where ${length} are expected`);
  return new Uint8Array(page.buffer, page.byteOffset, page.length);
}

function inflate(bytes: Uint8Array, codec: string, length: number): Uint8Array {
  const options = { maxOutputLength: length };
  switch (codec) {
    case 'UNCOMPRESSED':
      return bytes;
    case 'GZIP':
      return gunzipSync(bytes, options);
    case 'ZSTD':
      return zstdDecompressSync(bytes, options);
    case 'BROTLI':
      return brotliDecompressSync(bytes, options);
    case 'SNAPPY':
      if (snappyLength(bytes) !== length) throw new RangeError('a page is not as long as it says');
      break;
    default:
  }
  const decompress = codec in compressors ? compressors[codec as keyof typeof compressors] : undefined;
  if (decompress) return decompress(bytes, length);
  throw new Problem(
    'invalid_data',
    `The Parquet file is compressed ${codec === undefined ? 'in a way that no version of Parquet has' : `by ${codec}`}; write it with snappy, zstd or gzip.`,
  );
}

/** What a Snappy block says to inflate to: a varint at its beginning. */
function snappyLength(bytes: Uint8Array): number {
  let length = 0;
  for (let at = 0; at < Math.min(bytes.length, 5); at++) {
    length += (bytes[at] & 0x7f) * 2 ** (7 * at);
    if (bytes[at] < 0x80) return length;
  }
  return NaN;
}
