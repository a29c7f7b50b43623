const [quote, backslash, colon] = [0x22, 0x5c, 0x3a];
const opening: ReadonlySet<number> = new Set([0x5b, 0x7b]);
const closing: ReadonlySet<number> = new Set([0x5d, 0x7d]);
const blanks: ReadonlySet<number> = new Set([0x20, 0x0a, 0x0d, 0x09]);

/**
 * Where the value of a member begins in the text of a JSON object: of the first one with that name. The text may be no JSON at
 * all, and names may be written with escapes: whoever looks must check what JSON.parse makes of the rest.
 * @returns a byte, or -1
 */
export function memberStart(text: Uint8Array, name: string): number {
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (opening.has(byte)) depth++;
    else if (closing.has(byte)) depth--;
    if (byte !== quote) continue;
    const end = endOfString(text, at);
    const behind = depth === 1 ? firstFrom(text, end) : -1;
    if (text[behind] === colon && isName(text, at + 1, end - 1, name)) return firstFrom(text, behind + 1);
    at = end - 1;
  }
  return -1;
}

/** The byte behind a string that begins at `at`. */
function endOfString(text: Uint8Array, at: number): number {
  for (let next = at + 1; next < text.length; next++) {
    if (text[next] === backslash) next++;
    else if (text[next] === quote) return next + 1;
  }
  return text.length;
}

/** The first byte from `at` on that is no blank. */
export function firstFrom(text: Uint8Array, at: number): number {
  while (blanks.has(text[at])) at++;
  return at;
}

function isName(text: Uint8Array, from: number, to: number, name: string): boolean {
  return to - from === name.length && text.subarray(from, to).every((byte, at) => byte === name.charCodeAt(at));
}
