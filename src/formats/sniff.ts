import { Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { readIdxHeader } from './idx.ts';
import { readBytes } from './stream/byte-reader.ts';
import { pipeThroughInflate } from './stream/decompress.ts';
import { readArray, readArrayHeader } from './array-body.ts';
import { readNpy } from './npy/read.ts';
import { readNpz } from './npz/read.ts';
import type { FormatReader } from './reader.ts';

const magics = { gzip: [0x1f, 0x8b], npy: [0x93, 0x4e, 0x55, 0x4d], npz: [0x50, 0x4b, 0x03, 0x04] };

/**
 * Detects a file's format by its first bytes: IDX, npy or npz. MNIST's files ship as .gz, so gzip is decompressed
 * whatever the headers say; browsers and curl have no better media type for any of them.
 */
export const readFile: FormatReader = async (body, reading) => {
  const gzip = await beginningOf(body);
  const plain = gzip.is(magics.gzip) ? pipeThroughInflate(Readable.from(gzip.bytes), createGunzip()) : gzip.bytes;
  const file = await beginningOf(plain);
  if (file.is(magics.npy)) return readNpy(file.bytes, reading);
  if (file.is(magics.npz)) return readNpz(file.bytes, reading);
  const reader = readBytes(file.bytes);
  return readArray(reader, await readArrayHeader(reader, readIdxHeader), reading);
};

/** Reads the first bytes without consuming them. */
async function beginningOf(body: AsyncIterable<Uint8Array>) {
  const reader = readBytes(body);
  const most = 4;
  const start = await reader.header(
    (bytes) => (bytes.length < most ? null : bytes.slice(0, most)),
    () => 0,
  );
  return {
    is: (magic: readonly number[]) => magic.every((byte, at) => start?.[at] === byte),
    bytes: (async function* () {
      for (let next = await reader.some(Infinity); next.length > 0; next = await reader.some(Infinity)) yield next;
    })(),
  };
}
