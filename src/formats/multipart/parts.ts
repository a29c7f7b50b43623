import { Problem } from '#errors.ts';
import type { ByteReader } from '#formats/stream/byte-reader.ts';

/** A part of a multipart body. Its content must be read to the end before the next part is requested. */
export interface Part {
  name: string;
  /** Empty if the part has none. */
  contentType: string;
  /** The name of the file that it is. */
  fileName?: string;
  content: AsyncGenerator<Uint8Array, void>;
}

/** Maximum bytes of the headers of a part. */
const maxHeaderBytes = 2 ** 13;

/** Blanks behind a boundary, which some gateways add. */
const blanks = Buffer.from(' \t');
const maxPadding = 1000;

const lineEnd = Buffer.from('\r\n');
const headersEnd = Buffer.from('\r\n\r\n');

/**
 * The parts of a `multipart/form-data` body in their order, while it comes (RFC 7578, RFC 2046 section 5.1.1). What stands
 * before the first boundary or behind the last is read and ignored, and so are blanks behind a boundary.
 * @throws Problem broken_body
 */
export async function* multipartParts(reader: ByteReader, boundary: string): AsyncGenerator<Part, void> {
  const delimiter = Buffer.from(`\r\n--${boundary}`, 'latin1');
  // The first delimiter has no line end before it; adding one makes it like all others.
  reader.unread(lineEnd);
  for await (const _ of upTo(delimiter, reader, 'its boundary does not come'));
  while (await anotherPart(reader)) {
    const { name, contentType, fileName } = await readHeaders(reader);
    let wholly = false;
    yield {
      name,
      contentType,
      fileName,
      content: (async function* () {
        yield* upTo(delimiter, reader);
        wholly = true;
      })(),
    };
    if (!wholly) throw brokenMultipart(`its part "${name}" has extra bytes after its content`);
  }
  let epilogue: Uint8Array;
  do epilogue = await reader.some(Infinity);
  while (epilogue.length > 0);
}

/** The bytes before the next delimiter, which is read, too. */
async function* upTo(
  delimiter: Buffer,
  reader: ByteReader,
  fault = 'it ends within a part',
): AsyncGenerator<Uint8Array, void> {
  let held: Uint8Array = new Uint8Array(0);
  for (;;) {
    const next = await reader.some(Infinity);
    if (next.length === 0) throw brokenMultipart(fault);
    const bytes = Buffer.from(held.length === 0 ? next : Buffer.concat([held, next]));
    const found = bytes.indexOf(delimiter);
    if (found >= 0) {
      reader.unread(bytes.subarray(found + delimiter.length));
      yield bytes.subarray(0, found);
      return;
    }
    // A possible start of the delimiter waits for the rest of it.
    const start = bytes.indexOf(0x0d, Math.max(0, bytes.length - delimiter.length + 1));
    const sure = start < 0 ? bytes.length : start;
    held = bytes.subarray(sure);
    if (sure > 0) yield bytes.subarray(0, sure);
  }
}

/** Whether a delimiter is followed by a line end, before another part, or by two hyphens, after the last one. */
async function anotherPart(reader: ByteReader): Promise<boolean> {
  const two = Buffer.alloc(2);
  await reader.read(two);
  if (two.toString('latin1') === '--') return false;
  for (let padding = 0; blanks.includes(two[0]) && padding < maxPadding; padding++) {
    two[0] = two[1];
    await reader.read(two.subarray(1));
  }
  if (two.equals(lineEnd)) return true;
  throw brokenMultipart('a boundary is followed by neither a line end nor two hyphens');
}

async function readHeaders(reader: ByteReader): Promise<Omit<Part, 'content'>> {
  const parse = (bytes: Uint8Array) => {
    const end = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).indexOf(headersEnd);
    if (end < 0 ? bytes.length > maxHeaderBytes : end > maxHeaderBytes)
      throw brokenMultipart(`the headers of a part are longer than ${maxHeaderBytes} bytes`);
    return end < 0 ? null : { text: Buffer.from(bytes.subarray(0, end)).toString('utf8'), end };
  };
  const headers = await reader.header(parse, ({ end }) => end + headersEnd.length);
  if (!headers) throw brokenMultipart('it ends in the headers of a part');
  const lines = headers.text.split('\r\n').map((line) => /^([\w-]+):[ \t]*(.*)$/.exec(line));
  const value = (wanted: string) => lines.find((line) => line?.[1].toLowerCase() === wanted)?.[2].trim() ?? '';
  const disposition = value('content-disposition');
  const name = parameterIn(disposition, 'name');
  if (name === undefined) throw brokenMultipart('a part has no Content-Disposition: form-data with a name');
  const encoding = value('content-transfer-encoding').toLowerCase();
  if (!['', '7bit', '8bit', 'binary'].includes(encoding))
    throw brokenMultipart(`its part "${name}" has a Content-Transfer-Encoding; bytes are read as they are`);
  return { name, contentType: value('content-type'), fileName: parameterIn(disposition, 'filename') };
}

function parameterIn(disposition: string, wanted: string): string | undefined {
  const parameters = /;[ \t]*([\w*-]+)[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|([^;\s"]*))[ \t]*/y;
  const type = /^form-data[ \t]*/i.exec(disposition);
  if (!type) return undefined;
  parameters.lastIndex = type[0].length;
  for (let match = parameters.exec(disposition); match; match = parameters.exec(disposition)) {
    if (match[1].toLowerCase() === wanted) return (match[2] ?? match[3]).slice(0, 80);
  }
  return undefined;
}

/**
 * The boundary of a Content-Type (RFC 2046, section 5.1.1).
 * @throws Problem broken_body
 */
export function boundaryOf(contentType: string): string {
  const match = /;\s*boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))\s*(?:;|$)/i.exec(contentType);
  if (match) return match[1] ?? match[2];
  throw brokenMultipart('its Content-Type needs a boundary of 1 to 70 characters');
}

function brokenMultipart(what: string): Problem {
  return new Problem('broken_body', `This is not a valid multipart/form-data body: ${what}.`);
}
