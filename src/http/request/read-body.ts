import type { ServiceContext } from '#http/context.ts';
import type { FastifyRequest } from 'fastify';
import type { Readable } from 'node:stream';
import { Problem } from '#errors.ts';
import { timePhase, timelineNow } from '#telemetry/timeline.ts';
import { formats, type ReadFormat, readFormats } from '#formats/formats.ts';
import { findByMediaType } from '#formats/media-types.ts';
import { codingOf, decodedStream } from '#formats/stream/decompress.ts';
import { readJsonText } from '#formats/json/read.ts';
import type { WholeBody } from '#formats/stream/whole-body.ts';
import type { Body, FormatReader, ReadContext } from '#formats/reader.ts';

export interface BodyOptions {
  /** The formats that the call reads. Default all. */
  reads?: readonly ReadFormat[];
  /** Query parameters about the format. */
  options?: ReadContext['options'];
}

/**
 * Reads a body by its Content-Type and Content-Encoding.
 * @throws Problem unsupported_media_type, body_too_large, invalid_json, or what is wrong with the data
 */
export function readBody(
  request: FastifyRequest,
  resources: ServiceContext,
  { reads = readFormats, options = {} }: BodyOptions = {},
): Promise<Body> {
  const { read, stream, reading } = open(request, resources, reads, options);
  return timePhase('decode', () => read(stream, reading));
}

/**
 * Reads a decompressed JSON body without parsing it, for a call that parses it in a worker.
 * @throws Problem unsupported_media_type, body_too_large
 */
export function readJsonBody(request: FastifyRequest, resources: ServiceContext): Promise<Uint8Array<ArrayBuffer>> {
  const { stream, reading } = open(request, resources, ['json'], {});
  return timePhase('decode', () => readJsonText(stream, reading));
}

function open(
  request: FastifyRequest,
  { pool, limit }: ServiceContext,
  reads: readonly ReadFormat[],
  options: ReadContext['options'],
): { read: FormatReader; stream: AsyncIterable<Uint8Array>; reading: ReadContext } {
  const { headers, body, cancelled } = request;
  const contentType = headers['content-type'] ?? '';
  const { name, read } = findByMediaType(
    contentType,
    reads.map((one) => ({ name: one, type: formats[one].type, read: formats[one].read })),
  );
  // Fastify reads none where there is neither a type nor a length.
  if (body === undefined || body === null) throw new Problem('broken_body', 'The request has no body.');
  const timeline = timelineNow();
  if (timeline) timeline.format = name;
  const coding = codingOf(headers);
  const declared = coding === 'identity' ? Number(headers['content-length'] ?? Number.NaN) : Number.NaN;
  const stream = decodedStream(body as Readable | WholeBody, coding);
  const atEnd = (release: () => void) => {
    // Whatever is opened after the client has left is not asked for any more.
    if (request.socket.destroyed) release();
    else (request.exchange.releases ??= []).push(release);
  };
  return { read, stream, reading: { pool: pool.withSignal(cancelled), limit, declared, contentType, options, atEnd } };
}
