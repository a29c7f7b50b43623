import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';

/** Minimum bytes for compression to pay off. */
const small = 2 ** 12;

/** A document as stored in a row. */
export interface Packed {
  coding: 'identity' | 'zstd';
  document: Uint8Array;
}

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

/** Compresses a document, off the event loop if it is large. */
export async function pack(document: Uint8Array): Promise<Packed> {
  if (document.length < small) return { coding: 'identity', document };
  return { coding: 'zstd', document: await compress(document) };
}

/** Restores a document, byte for byte. */
export async function unpack({ coding, document }: Packed): Promise<Uint8Array> {
  return coding === 'zstd' ? decompress(document) : document;
}
