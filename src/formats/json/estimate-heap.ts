/** Heap bytes that each byte of JSON text can add when parsed by V8: measured, and rounded up. */
const added = new Uint8Array(256);
added[','.charCodeAt(0)] = 8;
added['['.charCodeAt(0)] = 64;
added['{'.charCodeAt(0)] = 64;
// A member name that no other object has creates a hidden class.
added[':'.charCodeAt(0)] = 128;

/** Maximum heap bytes per byte of text, reached by `{"a":1},` over and over. */
export const maxBytesPerByte = 26;

const [quote, backslash] = [0x22, 0x5c];

/** UTF-8 from here on starts a character for which V8 stores the whole string with two bytes per character. */
const wide = 0xc4;

/** How often a string exists at once: parsed, and on its way from a thread to the event loop. */
const stringCopies = 3;

/**
 * An upper bound of the heap bytes that JSON.parse allocates for a text. Three bytes such as `[],` become forty, and one wide
 * character doubles its string, so a body within its limit can still exhaust the heap.
 * @param enough skips the exact count if a cheap bound is already below this
 */
export function estimateHeapBytes(text: Uint8Array, enough: number): number {
  if (text.length * maxBytesPerByte <= enough) return text.length * maxBytesPerByte;
  let size = 0;
  let strings = 0;
  let isWide = false;
  let inString = false;
  for (let at = 0; at < text.length; at++) {
    const byte = text[at];
    if (byte >= wide) isWide = true;
    if (inString) {
      strings += 1;
      if (byte === backslash) at += 1;
      else if (byte === quote) inString = false;
    } else if (byte === quote) inString = true;
    else size += added[byte];
  }
  return size + (isWide ? 2 : 1) * stringCopies * strings + (isWide ? 2 * text.length : 0);
}
