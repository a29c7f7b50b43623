import type { ByteReader } from '#formats/stream/byte-reader.ts';
import { broken } from '../decode-message.ts';
import type { ByteSource } from '../stream-reader.ts';

/** A body as the bytes of an Arrow stream. */
export function sourceOf(reader: ByteReader): ByteSource {
  return {
    ended: reader.ended,
    async take(length, reserve) {
      const bytes = await reader.take(length, reserve);
      if (bytes.length < length) throw endsEarly(bytes.length, length);
      return bytes;
    },
    async skip(length) {
      for (let skipped = 0; skipped < length; ) {
        const { length: some } = await reader.some(length - skipped);
        if (some === 0) throw endsEarly(skipped, length);
        skipped += some;
      }
    },
  };
}

function endsEarly(got: number, wanted: number): Error {
  return broken(`it ends after ${got} of ${wanted} bytes`);
}
