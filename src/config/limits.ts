import type * as z from 'zod';
import { shareOfMemory } from '#memory/container.ts';
import { bytes, count, seconds } from './setting-types.ts';

const aboveZero = seconds.refine((time) => time > 0, 'is more than 0');

/** What one client may take of the service, and all of them together. */
export const limitSettings = {
  NORMA_QUEUE_LIMIT: bytes
    .default(shareOfMemory(2 ** 30, 8))
    .describe('Bytes of bodies that are admitted at once. What goes past it is refused with 503 before it is read.'),
  NORMA_QUEUE_REQUESTS: count
    .default(512)
    .describe('Requests with a body that are admitted at once. One more is refused with 503.'),
  NORMA_QUEUE_DELAY: aboveZero
    .default(0.015)
    .describe(
      'Seconds that requests may wait for their answers while more than 64, and more than 32 for each worker, are under way. While half of them wait for longer, fewer are admitted and the rest is refused with 503.',
    ),
  NORMA_CONNECTION_LIMIT: count
    .default(4096)
    .describe('Open connections. Requests over further ones are refused with 503, and then connections are.'),
  NORMA_ELEMENT_LIMIT: count.default(2 ** 40).describe('Elements of one array. A larger one is refused with 413.'),
  NORMA_HEADER_LIMIT: bytes
    .default(16 * 2 ** 10)
    .describe('Bytes of the header of a request, its query included. A larger one is refused with 431.'),
  NORMA_HEADER_TIMEOUT: aboveZero
    .default(10)
    .describe('Seconds in which the header of a request must have come; then 408.'),
  NORMA_REQUEST_TIMEOUT: aboveZero
    .default(300)
    .describe(
      'Seconds that a request may take from its header to the end of its answer; then 408 while it still comes, 503 while it is worked on, and an answer under way is cut.',
    ),
  NORMA_STALL_TIMEOUT: aboveZero
    .default(10)
    .describe(
      'Seconds that a client may send, or read, less than NORMA_LEAST_RATE while it is waited for; then it is dropped.',
    ),
  NORMA_LEAST_RATE: bytes.default(2 ** 10).describe('Bytes a second that a client must send or read.'),
  NORMA_KEEP_ALIVE_TIMEOUT: aboveZero.default(72).describe('Seconds that a connection may be idle between requests.'),
} as const;

export interface Limits {
  /** Bytes. */
  queueLimit: number;
  queueRequests: number;
  /** Seconds, as are the other times. */
  queueDelay: number;
  connectionLimit: number;
  elementLimit: number;
  /** Bytes. */
  headerLimit: number;
  headerTimeout: number;
  requestTimeout: number;
  stallTimeout: number;
  /** Bytes a second. */
  leastRate: number;
  keepAliveTimeout: number;
}

type Read = { [Name in keyof typeof limitSettings]: z.output<(typeof limitSettings)[Name]> };

export function toLimits(read: Read): Limits {
  return {
    queueLimit: read.NORMA_QUEUE_LIMIT,
    queueRequests: read.NORMA_QUEUE_REQUESTS,
    queueDelay: read.NORMA_QUEUE_DELAY,
    connectionLimit: read.NORMA_CONNECTION_LIMIT,
    elementLimit: read.NORMA_ELEMENT_LIMIT,
    headerLimit: read.NORMA_HEADER_LIMIT,
    headerTimeout: read.NORMA_HEADER_TIMEOUT,
    requestTimeout: read.NORMA_REQUEST_TIMEOUT,
    stallTimeout: read.NORMA_STALL_TIMEOUT,
    leastRate: read.NORMA_LEAST_RATE,
    keepAliveTimeout: read.NORMA_KEEP_ALIVE_TIMEOUT,
  };
}
