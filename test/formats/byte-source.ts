import { broken } from '#formats/arrow/decode-message.ts';
import type { ByteSource } from '#formats/arrow/stream-reader.ts';
import type { RandomBytes } from '#formats/random-bytes.ts';

/** Bytes in memory as they would come. */
export function sourceOfBytes(bytes: Uint8Array): ByteSource {
  let at = 0;
  return {
    ended: async () => at === bytes.length,
    async take(length) {
      if (length > bytes.length - at) throw broken('it ends early');
      at += length;
      return new Uint8Array(bytes.subarray(at - length, at));
    },
    async skip(length) {
      if (length > bytes.length - at) throw broken('it ends early');
      at += length;
    },
  };
}

export function randomBytes(bytes: Uint8Array): RandomBytes {
  return {
    size: bytes.length,
    async read(offset, length) {
      if (!(offset >= 0 && length >= 0 && offset + length <= bytes.length))
        throw new Error('These bytes are not there.');
      return new Uint8Array(bytes.subarray(offset, offset + length));
    },
  };
}
