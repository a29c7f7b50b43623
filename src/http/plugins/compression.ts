import { constants } from 'node:zlib';
import compress from '@fastify/compress';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';

/**
 * Compresses responses by Accept-Encoding. Arrays of floats hardly shrink, so only text is compressed.
 */
export async function addCompression(app: FastifyInstance): Promise<void> {
  app.addHook('onRoute', (route) => {
    if (route.method === 'HEAD') route.onSend = [route.onSend ?? [], leaveLengthOpen].flat();
  });
  await app.register(compress, {
    globalDecompression: false,
    encodings: ['zstd', 'br', 'gzip', 'deflate'],
    brotliOptions: { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } },
  });
}

/** Omits Content-Length from HEAD responses that GET may compress (RFC 9110, section 9.3.2). */
async function leaveLengthOpen(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  const accepted = request.headers['accept-encoding'] ?? '';
  if (accepted !== '' && accepted !== 'identity') reply.removeHeader('content-length');
}
