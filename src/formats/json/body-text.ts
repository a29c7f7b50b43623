import { Problem } from '#errors.ts';
import { free } from '#memory/free.ts';
import { shareOfMemory } from '#memory/container.ts';
import { estimateHeapBytes } from './estimate-heap.ts';
import { decodeUtf8 } from './parse-body.ts';

/** How many times the limit of a request its parsed JSON may be: a number of two bytes takes eight. */
const maxExpansion = 4;

/** Its share of a container's memory: until the answer is written it takes about four times as much, at worst. */
const memoryParts = 8;

/** The text of a body, which is freed: the thread may have nothing more to do, and then collects no garbage. */
export function decodeUtf8AndFree(body: ArrayBuffer): string {
  try {
    return decodeUtf8(new Uint8Array(body));
  } finally {
    free(body);
  }
}

/** @throws Problem body_too_large; then the body is freed */
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
