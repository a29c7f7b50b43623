import type { FastifyReply } from 'fastify';
import * as z from 'zod';
import { problemAt } from '#errors.ts';

/** What the query of a list holds. */
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

/** Where a list goes on: the last item before. */
export function readCursor<Item extends z.ZodType>(cursor: string | undefined, item: Item): z.output<Item> | undefined {
  if (cursor === undefined) return undefined;
  try {
    return item.parse(JSON.parse(Buffer.from(cursor, 'base64url').toString()));
  } catch {
    throw problemAt('invalid_request', '/cursor', 'Invalid cursor; use the next_cursor of the previous page.');
  }
}

/**
 * A page of at most `limit` of the items, and the cursor of the next where there are more.
 * @param found one item more than the page holds, if there is one
 * @param idOf what the next page goes on after
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

/** Names the next page in a Link header (RFC 8288), for clients that follow those. */
export function linkNext(reply: FastifyReply, path: string, limit: number, next: string | null): void {
  if (next) reply.header('link', `<${path}?limit=${limit}&cursor=${next}>; rel="next"`);
}
