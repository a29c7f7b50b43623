/** Decodes ASCII bytes, such as numbers and brackets: faster than UTF-8, which must be validated. */
export function asciiText({ buffer, byteOffset, length }: Uint8Array): string {
  return Buffer.from(buffer, byteOffset, length).toString('latin1');
}
