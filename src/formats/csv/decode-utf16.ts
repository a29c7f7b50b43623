/** Decodes UTF-16 with a byte order mark, as Excel and PowerShell write it, to UTF-8; other bytes go through as they are. */
export async function* decodeUtf16(
  pieces: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void> {
  let decoder: ReturnType<typeof decoderFor>;
  let head: Uint8Array | undefined = new Uint8Array(0);
  for await (const piece of pieces) {
    let bytes = piece;
    if (head) {
      bytes = head.length > 0 ? Buffer.concat([head, piece]) : piece;
      if (bytes.length < markLength) {
        head = bytes;
        continue;
      }
      head = undefined;
      decoder = decoderFor(bytes);
    }
    yield decoder ? Buffer.from(decoder.decode(bytes, { stream: true })) : bytes;
  }
  if (head && head.length > 0) yield head;
  if (decoder) yield Buffer.from(decoder.decode());
}

const markLength = 2;

function decoderFor([first, second]: Uint8Array) {
  if (first === 0xff && second === 0xfe) return new TextDecoder('utf-16le');
  return first === 0xfe && second === 0xff ? new TextDecoder('utf-16be') : undefined;
}
