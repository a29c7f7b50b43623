import { randomUUID } from 'node:crypto';
import { Problem } from '#errors.ts';
import { free } from '#memory/free.ts';
import type { Tensor } from '#tensor/tensor.ts';
import { readNumberLists } from './read-number-lists.ts';
import { findListMember } from './find-member.ts';

/** Replaces lists that have already been read. Random, so that no body contains it. */
export const placeholder = randomUUID();

/**
 * Reads the first lists named `data` in a JSON text, and parses only the text around them.
 * @param parse finds the tensor in the text around the lists, which has `placeholder` in their place; may throw
 * @returns undefined if there are no such lists or `parse` does not find its tensor: the whole text must then be
 *   parsed, which finds any error again
 */
export function parseAroundLists<Found>(
  body: ArrayBuffer,
  parse: (around: Buffer, lists: Tensor) => Found | undefined,
): Found | undefined {
  const text = Buffer.from(body);
  const begin = findListMember(text, 'data');
  const read = begin < 0 ? undefined : readNumberLists(text, begin);
  if (!read) return undefined;
  const around = Buffer.concat([text.subarray(0, begin), Buffer.from(`"${placeholder}"`), text.subarray(read.end)]);
  try {
    const found = parse(around, read.tensor);
    if (found) return found;
  } catch (error) {
    // Parsing the whole text reports it.
    if (!(error instanceof Problem)) throw error;
  }
  free(read.tensor.buffer);
  return undefined;
}
