import { Problem } from '#errors.ts';
import { free } from '#memory/free.ts';
import { shareOfMemory } from '#memory/container.ts';
import { estimateHeapBytes } from './estimate-heap.ts';
import { decodeUtf8 } from './parse-body.ts';

/** How many times larger than the request limit its parsed JSON may be: a number of two bytes takes eight. */
const maxExpansion = 4;

/**
 * Parsed JSON may take one part in this many of a container's memory: at worst, a request needs about four times as
 * much.
 */
const memoryParts = 8;

/** Decodes a body and frees it explicitly, because an idle thread does not collect garbage. */
export function decodeUtf8AndFree(body: ArrayBuffer): string {
  try {
    return decodeUtf8(new Uint8Array(body));
  } finally {
    free(body);
  }
}

/** @throws Problem body_too_large, after freeing the body */
export function checkHeapSize(body: ArrayBuffer, limit: number): void {
  const most = shareOfMemory(maxExpansion * limit, memoryParts);
  const { byteLength } = body;
  const size = estimateHeapBytes(new Uint8Array(body), most);
  if (size <= most) return;
  free(body);
  const bound = `the limit is ${most} (${maxExpansion} times NORMA_BODY_LIMIT, or less in a small container)`;
  const detail = `Parsing ${byteLength} bytes of JSON would take ${size} bytes of memory; ${bound}. Use a binary format, or longer rows.`;
  throw new Problem('body_too_large', detail);
}
