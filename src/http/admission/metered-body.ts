import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { Problem } from '#errors.ts';
import { codingOf } from '#formats/stream/decompress.ts';

/** Bytes reserved for a body of undeclared length, at first and with each growth. */
export const unsizedReservationBytes = 2 ** 20;

/** Whether the decompressed length of a body is not declared. */
export function isOfUnknownLength(headers: IncomingHttpHeaders): boolean {
  return codingOf(headers) !== 'identity' || headers['transfer-encoding'] !== undefined;
}

/**
 * Grows the request's reservation as a body of undeclared length arrives. Once the response has started, streamed bytes
 * no longer count.
 * @param body decompressed
 * @param limit maximum bytes of the request in memory
 * @throws Problem unavailable, in the middle of the body, if there is no more room
 */
export function meterBody(
  { headers, place }: FastifyRequest,
  body: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncIterable<Uint8Array> {
  return place && isOfUnknownLength(headers) ? growing(place, body, limit) : body;
}

async function* growing(
  place: NonNullable<FastifyRequest['place']>,
  body: AsyncIterable<Uint8Array>,
  limit: number,
): AsyncGenerator<Uint8Array> {
  let come = 0;
  let taken = unsizedReservationBytes;
  for await (const chunk of body) {
    come += chunk.length;
    while (come > taken && taken < limit && !place.isAnswered()) {
      if (!place.grow(unsizedReservationBytes))
        throw new Problem('unavailable', 'There is currently no room for a body this long (NORMA_QUEUE_LIMIT).');
      taken += unsizedReservationBytes;
    }
    yield chunk;
  }
}
