const [bracket, colon] = [0x5b, 0x3a];
const blanks: ReadonlySet<number> = new Set([0x20, 0x0a, 0x0d, 0x09]);

/**
 * Where a list begins that may be the value of a member, in JSON text: behind the first such name. It may stand in an inner
 * object, in a string, or in what is no JSON at all: whoever looks must check what JSON.parse makes of the rest.
 * @returns a byte, or -1
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

/** The first byte from `at` on that is no blank. */
export function skipWhitespace(text: Uint8Array, at: number): number {
  while (blanks.has(text[at])) at++;
  return at;
}
