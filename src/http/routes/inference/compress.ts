import { pipeline, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createDeflate, createGzip, deflate, gzip, type ZlibOptions } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import Negotiator from 'negotiator';
import { varyBy } from '#http/headers/vary.ts';

/** The codings that the protocol's clients support; for them deflate has zlib framing. */
const codings = {
  gzip: { whole: promisify(gzip), create: createGzip },
  deflate: { whole: promisify(deflate), create: createDeflate },
} as const;

/** Mantissas hardly repeat: searching for matches takes twice as long and finds only runs of zeros. */
const forTensors: ZlibOptions = { level: 1, strategy: constants.Z_RLE };
const forText: ZlibOptions = { level: 1 };

/**
 * Compresses an inference response as the client requests. Metadata and errors are never compressed, because clients do
 * not decompress them.
 */
export async function compressIfAccepted(
  body: Buffer | Readable,
  isBinary: boolean,
  reply: FastifyReply,
): Promise<Buffer | Readable> {
  varyBy(reply, 'accept-encoding');
  const coding = new Negotiator(reply.request).encoding(['gzip', 'deflate', 'identity']);
  if (coding !== 'gzip' && coding !== 'deflate') return body;
  reply.header('content-encoding', coding).removeHeader('content-length');
  const options = isBinary ? forTensors : forText;
  const { whole, create } = codings[coding];
  if (Buffer.isBuffer(body)) return whole(body, options);
  // An error on either side ends both, and with them the connection.
  return pipeline(body, create(options), () => undefined);
}
