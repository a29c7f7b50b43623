import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import { describe, test } from 'node:test';
import { deflateRawSync, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { decodedStream } from '#formats/stream/decompress.ts';

/** The bytes as a stream of pieces of this many. */
function piecesOf(bytes: Uint8Array, size: number): Readable {
  const pieces = Array.from({ length: Math.ceil(bytes.length / size) }, (_, at) =>
    bytes.subarray(at * size, (at + 1) * size),
  );
  return Readable.from(pieces, { objectMode: false });
}

describe('Content-Encoding: deflate', () => {
  for (const [what, deflate] of [
    ["in zlib's frame", deflateSync],
    ['raw', deflateRawSync],
  ] as const) {
    test(`${what} gives the bytes back, in whatever pieces they come and at any level`, async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.uint8Array({ maxLength: 3000 }),
          fc.integer({ min: 0, max: 9 }),
          fc.integer({ min: 1, max: 400 }),
          async (bytes, level, size) => {
            const packed = deflate(bytes, { level });
            const decoded = await buffer(decodedStream(piecesOf(packed, size), 'deflate'));
            assert.deepEqual(decoded, Buffer.from(bytes));
          },
        ),
        { numRuns: 60 },
      );
    });

    test(`${what} is an error where it is cut or changed`, async () => {
      const packed = deflate(Buffer.alloc(5000, 'abcdefg'));
      await assert.rejects(buffer(decodedStream(piecesOf(packed.subarray(0, -3), 10), 'deflate')), /unexpected end/);
    });
  }

  test('an error of the body comes through', async () => {
    const failing = new Readable({
      read() {
        this.destroy(new Error('the client left'));
      },
    });
    await assert.rejects(buffer(decodedStream(failing, 'deflate')), /the client left/);
  });
});
