/** multipart/form-data bodies written by RFC 7578. */

export interface WrittenPart {
  /** No Content-Type when not given. */
  type?: string;
  /** The name of the file that it is. */
  fileName?: string;
  content: string | Uint8Array;
  /** Further header lines. */
  headers?: string[];
}

/** A body with these parts, in their order; a text alone is a part without a type. */
export function multipartOf(boundary: string, parts: Record<string, string | WrittenPart>): Buffer {
  return multipartOfList(boundary, Object.entries(parts));
}

/** The same where a name may come twice. */
export function multipartOfList(
  boundary: string,
  parts: readonly [name: string, part: string | WrittenPart][],
): Buffer {
  const pieces: (string | Uint8Array)[] = [];
  for (const [name, given] of parts) {
    const {
      type,
      fileName,
      content,
      headers = [],
    }: WrittenPart = typeof given === 'string' ? { content: given } : given;
    const lines = [
      `Content-Disposition: form-data; name="${name}"${fileName === undefined ? '' : `; filename="${fileName}"`}`,
      ...(type ? [`Content-Type: ${type}`] : []),
      ...headers,
    ];
    pieces.push(`--${boundary}\r\n${lines.join('\r\n')}\r\n\r\n`, content, '\r\n');
  }
  pieces.push(`--${boundary}--\r\n`);
  return Buffer.concat(pieces.map((piece) => (typeof piece === 'string' ? Buffer.from(piece) : piece)));
}
