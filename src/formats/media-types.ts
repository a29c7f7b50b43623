import { Problem } from '#errors.ts';
import { nearestName, quoteName } from '#nearest-name.ts';

/** What curl -d and HTML forms send. */
const ofForms = 'application/x-www-form-urlencoded';

/** A media type that says nothing of a file, or nothing that holds: Excel's is what browsers on Windows call a CSV. */
const untyped: readonly string[] = [
  '',
  'application/octet-stream',
  'application/gzip',
  'application/vnd.ms-excel',
  'application/x-gzip',
  'binary/octet-stream',
  'text/plain',
];

/** What reads files that do not say what they are. */
function ofAny<Entry extends Typed>(entries: readonly Entry[]): Entry | undefined {
  return entries.find(({ type }) => type === 'application/octet-stream');
}

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
  const found = entries.find(({ type }) => type === given) ?? (untyped.includes(given) ? ofAny(entries) : undefined);
  if (found) return found;
  const what = given ? `The media type ${quoteName(given)} is not read here` : `The ${of} has no Content-Type`;
  const nearest = nearestName(
    given,
    entries.map(({ type }) => type),
  );
  const guess = nearest === undefined ? '' : `; did you mean ${quoteName(nearest)}?`;
  const hint =
    given === ofForms ? ' curl sends this type unless -H names another; --data-binary sends a file as it is.' : '';
  const list = `Served are ${listMediaTypes(entries)}.`;
  throw new Problem('unsupported_media_type', `${what}${guess || '.'}${hint} ${list}`);
}
