import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyRequest } from 'fastify';
import { Problem } from '#errors.ts';
import { codingOf } from '#formats/stream/decompress.ts';

/** Bytes that a body is taken for while nobody knows its length, and by which it grows. */
export const unsizedReservationBytes = 2 ** 20;

/** Whether no header tells how long a body is once its coding is undone. */
export function isOfUnknownLength(headers: IncomingHttpHeaders): boolean {
  return codingOf(headers) !== 'identity' || headers['transfer-encoding'] !== undefined;
}

/**
 * A body that takes its place in the queue while it comes, where no header told how much. Once the answer has begun, what
 * streams through is not held any more.
 * @param body with its coding undone
 * @param limit bytes that one request may hold
 * @throws Problem unavailable, in the middle of the body, when there is no more room
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
