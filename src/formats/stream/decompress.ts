import { createBrotliDecompress, createGunzip, createInflate, createZstdDecompress } from 'node:zlib';
import type { IncomingHttpHeaders } from 'node:http';
import type { Readable, Transform } from 'node:stream';
import { Problem } from '#errors.ts';

const codings = new Map<string, () => Transform>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/** The content codings that most calls support. */
const allCodings = ['gzip', 'deflate', 'br', 'zstd'];

/** The Content-Encoding of a body; `identity` if there is none. */
export function codingOf(headers: IncomingHttpHeaders): string {
  return headers['content-encoding']?.trim().toLowerCase() ?? 'identity';
}

/**
 * Decompresses a body by its Content-Encoding.
 * @param read the codings that the call supports
 * @throws Problem unsupported_media_type
 */
export function decodedStream(stream: Readable, coding: string, read: readonly string[] = allCodings): Readable {
  if (coding === 'identity') return stream;
  const create = read.includes(coding === 'x-gzip' ? 'gzip' : coding) ? codings.get(coding) : undefined;
  if (!create) {
    const served = `${read.slice(0, -1).join(', ')} and ${read.at(-1)}`;
    throw new Problem('unsupported_media_type', `Unsupported Content-Encoding ${coding}; supported: ${served}.`);
  }
  return pipeThroughInflate(stream, create());
}

/**
 * Decompresses a stream. Not with `pipeline`, which destroys the request on an error, and with it the connection that
 * the error response needs.
 */
export function pipeThroughInflate(stream: Readable, inflate: Transform): Readable {
  stream.on('error', (error) => inflate.destroy(error));
  // A reader gets the error by reading; without a reader it must not end the process.
  inflate.on('error', () => undefined);
  return stream.pipe(inflate);
}
