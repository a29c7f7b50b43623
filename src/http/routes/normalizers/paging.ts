import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import { problemAt } from '#errors.ts';

/** Query parameters of a list. */
export const pageMembers = z.strictObject({
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .max(1000)
    .default(100)
    .meta({ description: 'Maximum number of items per page. Default 100.' }),
  cursor: z
    .string()
    .optional()
    .meta({ description: '`next_cursor` of the previous page; omit it for the first page.' }),
});

/** Reads the position of a cursor: the last item of the previous page. */
export function readCursor<Item extends z.ZodType>(cursor: string | undefined, item: Item): z.output<Item> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return item.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw problemAt('invalid_request', '/cursor', 'Invalid cursor; use the next_cursor of the previous page.');
  }
}

/**
 * A page of at most `limit` items, and the cursor of the next page if there is one.
 * @param found up to `limit` + 1 items
 * @param idOf the position that the cursor encodes
 */
export function pageOf<Item>(
  found: readonly Item[],
  limit: number,
  idOf: (item: Item) => unknown,
): { items: Item[]; next_cursor: string | null } {
  const items = found.slice(0, limit);
  const last = items.at(-1);
  const more = found.length > limit && last !== undefined;
  return { items, next_cursor: more ? Buffer.from(JSON.stringify(idOf(last))).toString('base64url') : null };
}

/**
 * Adds a Link header to the next page (RFC 8288).
 * @param filter further members of the query
 */
export function linkNext(
  reply: FastifyReply,
  path: string,
  limit: number,
  next: string | null,
  filter: Readonly<Record<string, string | undefined>> = {},
): void {
  if (!next) return;
  const given = Object.entries(filter).filter((entry): entry is [string, string] => entry[1] !== undefined);
  const query = new URLSearchParams([['limit', String(limit)], ['cursor', next], ...given]);
  reply.header('link', `<${path}?${query}>; rel="next"`);
}
