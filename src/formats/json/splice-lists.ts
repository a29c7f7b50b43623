import { randomUUID } from 'node:crypto';
import { Problem } from '#errors.ts';
import { free } from '#memory/free.ts';
import type { Tensor } from '#tensor/tensor.ts';
import { readNumberLists } from './read-number-lists.ts';
import { findListMember } from './find-member.ts';

/** Stands where lists were that are read already; no body has it, so that it is the data only where the lists were. */
export const placeholder = randomUUID();

/**
 * Reads the first lists that are called `data` in JSON, so that only what is around them is left to be parsed.
 * @param look finds the tensor in what is around the lists, with `placeholder` in their place; it may throw
 * @returns undefined where there are no such lists, or `look` does not find its tensor: then all is to be parsed, and what is
 *   wrong is found once more
 */
export function parseAroundLists<Found>(
  body: ArrayBuffer,
  look: (around: Buffer, lists: Tensor) => Found | undefined,
): Found | undefined {
  const text = Buffer.from(body);
  const begin = findListMember(text, 'data');
  const read = begin < 0 ? undefined : readNumberLists(text, begin);
  if (!read) return undefined;
  const around = Buffer.concat([text.subarray(0, begin), Buffer.from(`"${placeholder}"`), text.subarray(read.end)]);
  try {
    const found = look(around, read.tensor);
    if (found) return found;
  } catch (error) {
    // Told by whoever parses all.
    if (!(error instanceof Problem)) throw error;
  }
  free(read.tensor.buffer);
  return undefined;
}
