/** What each byte of a text can add to the objects of V8's heap that it is parsed to: measured, and rounded up. */
const added = new Uint8Array(256);
added[','.charCodeAt(0)] = 8;
added['['.charCodeAt(0)] = 64;
added['{'.charCodeAt(0)] = 64;
// A member that no other object has makes a hidden class.
added[':'.charCodeAt(0)] = 128;

/** No text is parsed to more than this many times its own bytes: `{"a":1},` again and again. */
const maxBytesPerByte = 26;

/**
 * An upper bound of the bytes that JSON.parse makes of a text, its strings aside. Three bytes such as `[],` become forty: a
 * body within its limit can still be more than a heap holds.
 * @param enough a bound that is known to be below this is not made exact
 */
export function estimateHeapBytes(text: Uint8Array, enough: number): number {
  if (text.length * maxBytesPerByte <= enough) return text.length * maxBytesPerByte;
  let size = 0;
  for (let at = 0; at < text.length; at++) size += added[text[at]];
  return size;
}
