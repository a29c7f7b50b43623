/** Heap bytes that each byte of JSON text can add when parsed by V8: measured, and rounded up. */
const added = new Uint8Array(256);
added[','.charCodeAt(0)] = 8;
added['['.charCodeAt(0)] = 64;
added['{'.charCodeAt(0)] = 64;
// A member name that no other object has creates a hidden class.
added[':'.charCodeAt(0)] = 128;

/** Maximum heap bytes per byte of text, reached by `{"a":1},` over and over. */
const maxBytesPerByte = 26;

/**
 * An upper bound of the heap bytes that JSON.parse allocates for a text, strings aside. Three bytes such as `[],`
 * become forty, so a body within its limit can still exhaust the heap.
 * @param enough skips the exact count if a cheap bound is already below this
 */
export function estimateHeapBytes(text: Uint8Array, enough: number): number {
  if (text.length * maxBytesPerByte <= enough) return text.length * maxBytesPerByte;
  let size = 0;
  for (let at = 0; at < text.length; at++) size += added[text[at]];
  return size;
}
