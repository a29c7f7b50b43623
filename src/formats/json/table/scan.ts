import { Problem } from '#errors.ts';

// JSON (RFC 8259) as bytes, value by value, without making anything of it: what is carried along stays as it was written.

export const [openBrace, closeBrace, openBracket, closeBracket] = Buffer.from('{}[]');
export const [colon, comma, quote, minus, zero] = Buffer.from(':,"-0');
const [backslash, space, tab, newline, carriageReturn] = Buffer.from('\\ \t\n\r');

/** The first byte from `at` on that is no blank. */
export function skipBlanks(bytes: Uint8Array, at: number): number {
  for (; ; at++) {
    const byte = bytes[at];
    if (byte !== space && byte !== newline && byte !== carriageReturn && byte !== tab) return at;
  }
}

/** Skips blanks, one byte that must be there, and blanks again. */
export function skipOver(bytes: Uint8Array, at: number, byte: number): number {
  const found = skipBlanks(bytes, at);
  if (bytes[found] !== byte) throw notJson(bytes, found, `"${String.fromCharCode(byte)}" is expected`);
  return skipBlanks(bytes, found + 1);
}

/** Behind the quote that closes the string that begins at a byte. */
export function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === quote) return at + 1;
    if (byte === backslash) at++;
    else if (byte < space) throw notJson(bytes, at, 'a control character in a string must be escaped');
  }
  throw notJson(bytes, bytes.length, 'a string is never closed');
}

/** Behind the value that begins at a byte; lists and objects are only skipped, and checked by whoever reads them. */
export function endOfValue(bytes: Uint8Array, start: number): number {
  const first = bytes[start];
  if (first === quote) return endOfString(bytes, start);
  if (first !== openBrace && first !== openBracket) return endOfWord(bytes, start);
  let depth = 0;
  for (let at = start; at < bytes.length; ) {
    const byte = bytes[at];
    if (byte === quote) {
      at = endOfString(bytes, at);
      continue;
    }
    at++;
    if (byte === openBrace || byte === openBracket) depth++;
    else if ((byte === closeBrace || byte === closeBracket) && --depth === 0) return at;
  }
  throw notJson(bytes, bytes.length, 'it ends too early');
}

/** Behind a number, true, false or null: whether it is one is for whoever reads it. */
function endOfWord(bytes: Uint8Array, start: number): number {
  let at = start;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    const ends = byte === comma || byte === closeBrace || byte === closeBracket || byte === colon || byte <= space;
    if (ends) break;
  }
  if (at === start) throw notJson(bytes, at, 'a value is expected');
  return at;
}

/** The value of a range, as JSON.parse gives it. */
export function parseRange(bytes: Uint8Array, from: number, to: number): unknown {
  try {
    return JSON.parse(Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString('utf8'));
  } catch {
    throw notJson(bytes, from, 'this is no value');
  }
}

/** What the string of a range says. */
export function readString(bytes: Uint8Array, from: number, to: number): string {
  let seen = 0;
  for (let at = from; at < to; at++) seen |= bytes[at] === backslash ? 0x80 : bytes[at];
  if (seen >= 0x80) return parseRange(bytes, from, to) as string;
  return Buffer.from(bytes.buffer, bytes.byteOffset + from + 1, to - from - 2).toString('latin1');
}

/** Characters that a message shows of the text around a fault. */
const shown = 24;

export function notJson(bytes: Uint8Array, at: number, why: string): Problem {
  const near = Buffer.from(bytes.subarray(Math.max(at - shown, 0), at + shown)).toString('utf8');
  return new Problem('invalid_json', `The body is not JSON: at byte ${at}, near ${JSON.stringify(near)}, ${why}.`);
}
