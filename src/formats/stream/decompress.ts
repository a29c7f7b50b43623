import { createBrotliDecompress, createGunzip, createInflate, createInflateRaw, createZstdDecompress } from 'node:zlib';
import type { IncomingHttpHeaders } from 'node:http';
import { Readable, type Transform } from 'node:stream';
import type { Zlib as ZlibBase } from 'node:zlib';
import { Problem } from '#errors.ts';
import type { WholeBody } from './whole-body.ts';

type Zlib = Transform & Pick<ZlibBase, 'bytesWritten'>;

const codings = new Map<string, () => Zlib>([
  ['gzip', createGunzip],
  ['x-gzip', createGunzip],
  ['deflate', createInflate],
  ['br', createBrotliDecompress],
  ['zstd', createZstdDecompress],
]);

/** The compression method in the first byte of zlib's frame. */
const zlibMethod = 8;

/** What a stream that is waited for may do. */
const ends = ['readable', 'end', 'close', 'error'] as const;

/** The codings that most calls read, as a message names them. */
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
export function decodedStream(
  body: Readable | WholeBody,
  coding: string,
  read: readonly string[] = allCodings,
): Readable | WholeBody {
  if (coding === 'identity') return body;
  const create = read.includes(coding === 'x-gzip' ? 'gzip' : coding) ? codings.get(coding) : undefined;
  if (!create) {
    const served = `${read.slice(0, -1).join(', ')} and ${read.at(-1)}`;
    throw new Problem('unsupported_media_type', `Unsupported Content-Encoding ${coding}; supported: ${served}.`);
  }
  const stream = body instanceof Readable ? body : Readable.from(body);
  if (coding === 'deflate') return Readable.from(inflateEither(stream), { objectMode: false });
  return pipeThroughInflate(stream, create());
}

/** What `deflate` means to some is the raw form (RFC 1951), without zlib's frame (RFC 1950), whose first byte tells it. */
async function* inflateEither(stream: Readable): AsyncGenerator<Uint8Array, void> {
  // An error while the first byte is read is thrown below; without a listener it would end the process.
  stream.on('error', () => undefined);
  const first = await peekFirstByte(stream);
  const isFramed = first === undefined || (first & 0x0f) === zlibMethod;
  yield* pipeThroughInflate(stream, isFramed ? createInflate() : createInflateRaw());
}

async function peekFirstByte(stream: Readable): Promise<number | undefined> {
  for (;;) {
    const chunk = stream.read() as Uint8Array | null;
    if (chunk) {
      // At once: a stream that has been read to its end takes nothing back.
      stream.unshift(chunk);
      return chunk[0];
    }
    if (stream.errored) throw stream.errored;
    if (stream.readableEnded || stream.destroyed) return undefined;
    await new Promise<void>((resolve) => {
      const wake = () => {
        for (const event of ends) stream.off(event, wake);
        resolve();
      };
      for (const event of ends) stream.on(event, wake);
    });
  }
}

/**
 * Decompresses a stream. Not with `pipeline`, which destroys the request on an error, and with it the connection that
 * the error response needs.
 */
export function pipeThroughInflate(stream: Readable, inflate: Zlib): Readable {
  limitRatio(inflate);
  stream.on('error', (error) => inflate.destroy(error));
  // A reader gets the error by reading; without a reader it must not end the process.
  inflate.on('error', () => undefined);
  return stream.pipe(inflate);
}

/** Bytes that any body may decompress to, and the maximum ratio to its own bytes beyond that. */
const [freeBytes, maxRatio] = [2 ** 27, 100];

/** Ends a stream that decompresses too far: even if nothing is held, a few bytes could ask for minutes of work. */
function limitRatio(inflate: Zlib): void {
  let bytes = 0;
  const push = inflate.push.bind(inflate);
  inflate.push = (chunk: Uint8Array | null) => {
    bytes += chunk?.length ?? 0;
    if (bytes <= freeBytes || bytes <= maxRatio * inflate.bytesWritten) return push(chunk);
    const detail = `The body decompresses to more than ${freeBytes} bytes and ${maxRatio} times its own. Send it without a Content-Encoding, or in parts.`;
    inflate.destroy(new Problem('body_too_large', detail));
    return false;
  };
}
