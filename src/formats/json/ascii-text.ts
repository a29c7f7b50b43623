/** Bytes below 128 as text, as numbers, names and brackets are: faster than UTF-8, which must be checked. */
export function asciiText({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1');
}
