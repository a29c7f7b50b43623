import { excerpt, Problem } from '#errors.ts';

interface Typed {
  type: string;
}

/** The media types of formats, as a message lists them. */
export function listMediaTypes(entries: readonly Typed[]): string {
  return entries.map(({ type }) => type).join(', ');
}

/**
 * The format that a Content-Type names.
 * @param entries the formats to choose from
 * @param of what has the Content-Type, for the message
 * @throws Problem unsupported_media_type
 */
export function findByMediaType<Entry extends Typed>(
  contentType: string,
  entries: readonly Entry[],
  of = 'request',
): Entry {
  const given = contentType.split(';')[0].trim().toLowerCase();
  const found = entries.find(({ type }) => type === given);
  if (found) return found;
  const what = given ? `The media type ${excerpt(given)} is not read here` : `The ${of} has no Content-Type`;
  throw new Problem('unsupported_media_type', `${what}; served are ${listMediaTypes(entries)}.`);
}
