import { Problem } from '#errors.ts';

/**
 * Every format that data come and go in: its media type, whether requests are read in it, and whether answers are written
 * in it. What each call serves, what a 406 or 415 names and what the OpenAPI document lists are taken from here; the
 * compiler asks for a reader (http/formats/) and a writer (workers/answers/) of each.
 */
export const formats = {
  json: { type: 'application/json', read: true, written: true },
  npy: { type: 'application/x-npy', read: true, written: true },
  npz: { type: 'application/x-npz', read: true, written: true },
  arrow: { type: 'application/vnd.apache.arrow.stream', read: true, written: true },
  csv: { type: 'text/csv', read: true, written: true },
  multipart: { type: 'multipart/form-data', read: true, written: false },
  /** IDX, npy or npz, whichever its first bytes say. */
  file: { type: 'application/octet-stream', read: true, written: false },
  svg: { type: 'image/svg+xml', read: false, written: true },
  html: { type: 'text/html', read: false, written: false },
} as const;

export type Format = keyof typeof formats;

/** The formats of requests. */
export type ReadFormat = { [Name in Format]: (typeof formats)[Name]['read'] extends true ? Name : never }[Format];

/** The formats of answers. */
export type WrittenFormat = { [Name in Format]: (typeof formats)[Name]['written'] extends true ? Name : never }[Format];

/** All that requests are read in. */
export const readFormats = (Object.keys(formats) as Format[]).filter((name): name is ReadFormat => formats[name].read);

/** The media types of formats, as a message lists them. */
export function listMediaTypes(names: readonly Format[]): string {
  return names.map((name) => formats[name].type).join(', ');
}

/**
 * The format that a Content-Type names.
 * @param reads the formats to choose from
 * @param of what has the Content-Type, for the message
 * @throws Problem unsupported_media_type
 */
export function formatOf<Name extends Format>(contentType: string, reads: readonly Name[], of = 'request'): Name {
  const given = contentType.split(';')[0].trim().toLowerCase();
  const format = reads.find((name) => formats[name].type === given);
  if (format) return format;
  const what = given ? `The media type ${given.slice(0, 80)} is not read here` : `The ${of} has no Content-Type`;
  throw new Problem('unsupported_media_type', `${what}; served are ${listMediaTypes(reads)}.`);
}
