/** What Python's writers of JSON put for the numbers that JSON lacks, and what begins a string. */
const token = /"|-?Infinity|NaN/g;

/**
 * JSON as NumPy's users send it: bare `NaN`, `Infinity` and `-Infinity` become the strings that stand for them elsewhere.
 * What strings hold is left alone.
 * @param text what JSON.parse refused
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

/** Where the string that begins at `start` is over. Not by a pattern, whose memory would grow with the string. */
function endOfString(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at === -1) return text.length;
    let backslashes = 0;
    while (text[at - 1 - backslashes] === '\\') backslashes++;
    if (backslashes % 2 === 0) return at + 1;
  }
}
