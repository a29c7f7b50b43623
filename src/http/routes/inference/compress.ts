import { pipeline, type Readable } from 'node:stream';
import { promisify } from 'node:util';
import { constants, createDeflate, createGzip, deflate, gzip, type ZlibOptions } from 'node:zlib';
import type { FastifyReply } from 'fastify';
import Negotiator from 'negotiator';
import { varyBy } from '#http/headers/vary.ts';

/** What the protocol's clients undo; to them deflate is the one with zlib's framing. */
const codings = {
  gzip: { whole: promisify(gzip), create: createGzip },
  deflate: { whole: promisify(deflate), create: createDeflate },
} as const;

/** Mantissas hardly repeat: looking for matches takes twice as long on them and finds only the runs of zeros. */
const forTensors: ZlibOptions = { level: 1, strategy: constants.Z_RLE };
const forText: ZlibOptions = { level: 1 };

/**
 * An answer in the coding that its client asks for; only inference answers are, never metadata or an error, whose readers
 * take them as they come.
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
  // A fault on either side ends both, and with them the connection.
  return pipeline(body, create(options), () => undefined);
}
