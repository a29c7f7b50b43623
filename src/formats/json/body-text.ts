import { Problem } from '#errors.ts';
import { reserveMemory } from '#memory/reservation.ts';
import { free } from '#memory/free.ts';
import { shareOfMemory } from '#memory/container.ts';
import { estimateHeapBytes, maxBytesPerByte } from './estimate-heap.ts';
import { decodeUtf8 } from './parse-body.ts';

/** How many times larger than the request limit its parsed JSON may be: a number of two bytes takes eight. */
const maxExpansion = 4;

/**
 * Parsed JSON may take one part in this many of a container's memory: at worst, a request needs about four times as
 * much.
 */
const memoryParts = 8;

/** JSON takes this many times its parsed size: the values, their numbers as a tensor, and room to grow in. */
const copies = 3;

/** The parsed size of text that was not measured, as a multiple of its bytes: mostly numbers. */
const usualExpansion = 2;

/**
 * Reserves what JSON takes when it is parsed, before it is.
 * @param size its parsed size in bytes
 * @throws Problem body_too_large, unavailable
 */
export function reserveForJson(bytes: number, size = usualExpansion * bytes): void {
  reserveMemory(bytes + copies * size, 'The JSON');
}

/** Whether a text of this length is small enough whatever it contains, so that it need not be measured. */
export function isSmallText(length: number, limit: number): boolean {
  return length * maxBytesPerByte <= maxParsedBytes(limit);
}

function maxParsedBytes(limit: number): number {
  return shareOfMemory(maxExpansion * limit, memoryParts);
}

/** Decodes a body and frees it explicitly, because an idle thread does not collect garbage. */
export function decodeUtf8AndFree(body: ArrayBuffer): string {
  try {
    return decodeUtf8(new Uint8Array(body));
  } finally {
    free(body);
  }
}

/**
 * @returns an upper bound of its parsed size in bytes
 * @throws Problem body_too_large, after freeing the body
 */
export function checkHeapSize(body: ArrayBuffer, limit: number): number {
  const most = maxParsedBytes(limit);
  const { byteLength } = body;
  const size = estimateHeapBytes(new Uint8Array(body), most);
  if (size <= most) return size;
  free(body);
  const bound = `the limit is ${most} (${maxExpansion} times NORMA_BODY_LIMIT, or less in a small container)`;
  const detail = `Parsing ${byteLength} bytes of JSON would take ${size} bytes of memory; ${bound}. Use a binary format, or longer rows.`;
  throw new Problem('body_too_large', detail);
}
