import type * as z from 'zod';
import { shareOfMemory } from '#memory/container.ts';
import { bytes, count, seconds } from './setting-types.ts';

const aboveZero = seconds.refine((time) => time > 0, 'is more than 0');

/** Limits of a single client, and of all clients together. */
export const limitSettings = {
  NORMA_QUEUE_LIMIT: bytes
    .default(shareOfMemory(2 ** 30, 8))
    .describe(
      'Bytes of request bodies held at once, at most three quarters for one caller. Requests beyond it get 503, before they are read if their length is declared.',
    ),
  NORMA_QUEUE_REQUESTS: count
    .default(4096)
    .describe(
      'Requests with a complete body admitted at once. Requests beyond it get 503, unless their caller has few of them.',
    ),
  NORMA_QUEUE_DELAY: aboveZero
    .default(0.015)
    .describe(
      'Target response time in seconds once more than max(64, 32 × workers) requests are in progress. When half of them take longer for 2 seconds, or 1200 responses, fewer are admitted and the rest get 503; a burst is queued.',
    ),
  NORMA_CONNECTION_LIMIT: count
    .default(4096)
    .describe('Open connections. Requests on connections beyond it get 503, then further connections are refused.'),
  NORMA_ELEMENT_LIMIT: count.default(2 ** 40).describe('Elements of one array. A larger one gets 413.'),
  NORMA_HEADER_LIMIT: bytes
    .default(16 * 2 ** 10)
    .describe('Bytes of a request header, query included. A larger one gets 431.'),
  NORMA_HEADER_TIMEOUT: aboveZero.default(10).describe('Seconds for a request header to arrive; then 408.'),
  NORMA_REQUEST_TIMEOUT: aboveZero
    .default(300)
    .describe(
      'Seconds from the request header to the end of the response. Then 408 while the request is arriving, 503 while it is processed, and a response in progress is cut.',
    ),
  NORMA_STALL_TIMEOUT: aboveZero
    .default(10)
    .describe('Seconds a client may send or read below NORMA_LEAST_RATE before it is dropped.'),
  NORMA_LEAST_RATE: bytes.default(2 ** 10).describe('Bytes per second that a client must send or read.'),
  NORMA_KEEP_ALIVE_TIMEOUT: aboveZero.default(72).describe('Seconds a connection may be idle between requests.'),
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
