const [bracket, colon] = [0x5b, 0x3a];
const blanks: ReadonlySet<number> = new Set([0x20, 0x0a, 0x0d, 0x09]);

/**
 * Finds a list in JSON text that may be the value of a member: the one after the first occurrence of the name. That may
 * also be in a nested object, in a string, or in invalid JSON, so the caller must check the rest with JSON.parse.
 * @returns the byte offset of the list, or -1
 */
export function findListMember(text: Buffer, name: string): number {
  const quoted = JSON.stringify(name);
  for (let at = text.indexOf(quoted); at >= 0; at = text.indexOf(quoted, at + 1)) {
    const behind = skipWhitespace(text, at + quoted.length);
    const value = skipWhitespace(text, behind + 1);
    if (text[behind] === colon && text[value] === bracket) return value;
  }
  return -1;
}

/** The offset of the first byte from `at` on that is not whitespace. */
export function skipWhitespace(text: Uint8Array, at: number): number {
  while (blanks.has(text[at])) at++;
  return at;
}
