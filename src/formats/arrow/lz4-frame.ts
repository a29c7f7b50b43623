import { decompressBlock } from 'lz4js';

const magic = 0x184d2204;

/** Bits of the frame descriptor. */
const flags = { blockChecksum: 0x10, contentSize: 0x08, dictionary: 0x01, version: 0xc0 } as const;

const version = 0x40;

const uncompressed = 0x80000000;

/**
 * Inflates an LZ4 frame to exactly `length` bytes. Checksums are not looked at.
 *
 * Format: https://github.com/lz4/lz4/blob/dev/doc/lz4_Frame_format.md
 * @throws RangeError where it is no frame, or not of that length
 */
export function inflateLz4Frame(frame: Uint8Array, length: number): Uint8Array<ArrayBuffer> {
  const view = new DataView(frame.buffer, frame.byteOffset, frame.byteLength);
  if (view.getUint32(0, true) !== magic) throw new RangeError('There is no LZ4 frame.');
  const descriptor = view.getUint8(4);
  if ((descriptor & flags.version) !== version || (descriptor & flags.dictionary) !== 0) {
    throw new RangeError('There is an LZ4 frame of a kind that is not read.');
  }
  const inflated = new Uint8Array(length);
  let at = 7 + ((descriptor & flags.contentSize) === 0 ? 0 : 8);
  let end = 0;
  for (let size = view.getUint32(at, true); size !== 0; size = view.getUint32(at, true)) {
    at += 4;
    const bytes = size % uncompressed;
    if (bytes > frame.length - at) throw new RangeError('An LZ4 block is longer than its frame.');
    if (size >= uncompressed) {
      inflated.set(frame.subarray(at, at + bytes), end);
      end += bytes;
    } else {
      end = decompressBlock(frame, inflated, at, bytes, end);
    }
    at += bytes + ((descriptor & flags.blockChecksum) === 0 ? 0 : 4);
    if (end > length) break;
  }
  if (end !== length) throw new RangeError('An LZ4 frame is not as long as it says.');
  return inflated;
}
