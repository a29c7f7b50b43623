/** An index into a dictionary that a page can hold is at most so many bits wide. */
const maxWidth = 24;

/**
 * Decodes runs and bit-packed groups into `out`, which they fill.
 *
 * Format: https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE
 * @throws RangeError where the bytes end before
 */
export function decodeHybrid(bytes: Uint8Array, width: number, out: Uint8Array | Int32Array): void {
  if (width > maxWidth) throw new RangeError(`values of ${width} bits are not read`);
  const runBytes = Math.ceil(width / 8);
  let at = 0;
  let filled = 0;

  function next(): number {
    if (at >= bytes.length) throw new RangeError('a page ends early');
    return bytes[at++];
  }

  function readHeader(): number {
    let header = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const byte = next();
      header += (byte & 0x7f) * 2 ** shift;
      if (byte < 0x80) return header;
    }
    throw new RangeError('a run is too long');
  }

  while (filled < out.length) {
    const header = readHeader();
    const count = Math.floor(header / 2);
    if (header % 2 === 0) {
      let value = 0;
      for (let byte = 0; byte < runBytes; byte++) value |= next() << (8 * byte);
      const end = Math.min(filled + count, out.length);
      out.fill(value, filled, end);
      filled = end;
      continue;
    }
    const end = Math.min(filled + 8 * count, out.length);
    const after = at + count * width;
    const mask = 2 ** width - 1;
    let bits = 0;
    let held = 0;
    while (filled < end) {
      while (held < width) {
        bits |= next() << held;
        held += 8;
      }
      out[filled++] = bits & mask;
      bits >>>= width;
      held -= width;
    }
    at = after;
  }
}
