import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';

/** Bytes from which on packing is worth its time. */
const small = 2 ** 12;

/** Bytes as a row holds them. */
export interface Packed {
  coding: 'identity' | 'zstd';
  document: Uint8Array;
}

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Packs a document, off the event loop where it is large. */
export async function pack(document: Uint8Array): Promise<Packed> {
  if (document.length < small) return { coding: 'identity', document };
  return { coding: 'zstd', document: await compress(document) };
}

/** The document again, byte by byte. */
export async function unpack({ coding, document }: Packed): Promise<Uint8Array> {
  return coding === 'zstd' ? decompress(document) : document;
}
