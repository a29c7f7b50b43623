import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import { Readable, type Transform } from 'node:stream';
import { Problem } from '#errors.ts';

const codings = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

const gzipMagic = [0x1f, 0x8b];

/**
 * A body with its Content-Encoding undone.
 * @throws Problem unsupported_media_type
 */
export function decodedStream(stream: Readable, coding: string): Readable {
  if (coding === 'identity') return stream;
  const create = codings.get(coding);
  if (!create)
    throw new Problem('unsupported_media_type', `The coding ${coding} is not read; gzip, deflate, br and zstd are.`);
  return through(stream, create());
}

/** A body that begins like a gzip file inflated, any other as it is. */
export async function inflatedWhenGzip(body: AsyncIterable<Uint8Array>): Promise<AsyncIterable<Uint8Array>> {
  const chunks = body[Symbol.asyncIterator]();
  let start: Uint8Array = new Uint8Array(0);
  for (let next = await chunks.next(); !next.done; next = await chunks.next()) {
    start = Buffer.concat([start, next.value]);
    if (start.length >= gzipMagic.length) break;
  }
  async function* again(): AsyncGenerator<Uint8Array> {
    if (start.length > 0) yield start;
    yield* { [Symbol.asyncIterator]: () => chunks };
  }
  const isGzip = gzipMagic.every((byte, at) => start[at] === byte);
  return isGzip ? through(Readable.from(again()), createGunzip()) : again();
}

/**
 * Inflates a stream. Not by `pipeline`, which destroys the request with the first fault, and so the connection that the
 * answer must take.
 */
function through(stream: Readable, inflate: Transform): Readable {
  stream.on('error', (error) => inflate.destroy(error));
  return stream.pipe(inflate);
}
