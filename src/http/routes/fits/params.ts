import * as z from 'zod';
import { Problem, problemAt } from '#errors.ts';

const id = z.string().meta({
  description: 'The id of a distributed fit. On the page at /docs, `example` stands for a fit that the page starts.',
  examples: ['example'],
});

export const fitParams = z.object({ id });

export const partParams = z.object({
  id,
  part: z.string().meta({
    description:
      "The caller's own name for the part, percent-encoded, up to 200 characters. Parts are merged in the order of their names: whole numbers first, by their value, then all others by their code units.",
    examples: ['0'],
  }),
});

/** @throws Problem not_found for an invalid id */
export function parseFitId(params: unknown): string {
  const { id: given } = params as { id: string };
  if (/^[\w-]{24}$/.test(given)) return given;
  throw fitNotFound(given);
}

/** @throws Problem invalid_request for an invalid part name */
export function parsePartName(params: unknown): string {
  const { part } = params as { part: string };
  if (part.length <= 200 && part.isWellFormed() && !/\p{Cc}/u.test(part)) return part;
  throw problemAt('invalid_request', '/part', 'A part name has up to 200 characters and no control characters.');
}

export function fitNotFound(given: string): Problem {
  return new Problem(
    'not_found',
    `There is no fit "${given.slice(0, 24)}"; it never existed, was deleted, or has expired.`,
  );
}
