import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { varyBy } from '#http/headers/vary.ts';

/**
 * Answers in the coding that Accept-Encoding prefers. Arrays of floats hardly shrink: only text is compressed, and only for
 * clients that ask for it. Every answer says what it depends on, those that go as they are, too, for the sake of caches.
 */
export async function addCompression(app: FastifyInstance): Promise<void> {
  app.addHook('onRequest', (_request, reply, done) => {
    // In lower case, as @fastify/compress looks for it.
    varyBy(reply, 'accept', 'accept-encoding');
    done();
  });
  app.addHook('onRoute', (route) => {
    if (route.method === 'HEAD') route.onSend = [route.onSend ?? [], leaveLengthOpen].flat();
  });
  await app.register(compress, {
    globalDecompression: false,
    encodings: ['zstd', 'br', 'gzip', 'deflate'],
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
  });
}

/** The length of an answer that may be compressed is not that of one that is not (RFC 9110, section 9.3.2). */
async function leaveLengthOpen(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const accepted = request.headers['accept-encoding'] ?? '';
  if (accepted !== '' && accepted !== 'identity') reply.removeHeader('content-length');
}
