import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { Readable, Transform } from 'node:stream';
import { Problem } from '#errors.ts';

const codings = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

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

/**
 * Inflates a stream. Not by `pipeline`, which destroys the request with the first fault, and so the connection that the
 * answer must take.
 */
export function through(stream: Readable, inflate: Transform): Readable {
  stream.on('error', (error) => inflate.destroy(error));
  return stream.pipe(inflate);
}
