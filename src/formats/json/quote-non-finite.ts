/** The tokens that Python's JSON writers use for non-finite numbers, and the start of a string. */
const token = /"|-?Infinity|NaN/g;

/**
 * Quotes bare `NaN`, `Infinity` and `-Infinity`, as Python's JSON has them; the content of strings is not changed.
 * @param text a text that JSON.parse rejected
 */
export function quoteNonFinite(text: string): string {
  const parts: string[] = [];
  let done = 0;
  token.lastIndex = 0;
  for (let found = token.exec(text); found; found = token.exec(text)) {
    const [name] = found;
    if (name === '"') {
      token.lastIndex = endOfString(text, found.index);
      continue;
    }
    parts.push(text.slice(done, found.index), `"${name}"`);
    done = found.index + name.length;
  }
  parts.push(text.slice(done));
  return parts.join('');
}

/** The end of the string that starts at `start`. Not a regular expression, whose memory would grow with the string. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at === -1) return text.length;
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
}
