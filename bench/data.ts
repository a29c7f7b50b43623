import { readFileSync } from 'node:fs';
import { seeded } from '../test/seeded.ts';
import { gunzipSync } from 'node:zlib';
import { writeNpyHeader } from '#formats/npy/header.ts';

/** The shape of MNIST's training images. */
export const images = 60_000;
export const pixelsPerImage = 784;

/** Bytes of an IDX header of three axes. */
const idxHeader = 16;

/** The pixels of MNIST's training images, from the file that it ships, gzipped or not. */
export function readPixels(file: string): Uint8Array {
  const bytes = readFileSync(file);
  const idx = isGzip(bytes) ? gunzipSync(bytes) : bytes;
  if (idx.length !== idxHeader + images * pixelsPerImage || idx.readUInt32BE(0) !== 0x803) {
    throw new Error(`${file} is not MNIST's train-images-idx3-ubyte.`);
  }
  return idx.subarray(idxHeader);
}

export function isGzip(bytes: Uint8Array): boolean {
  return bytes[0] === 0x1f && bytes[1] === 0x8b;
}

/** As many pixels, four in five of them 0 as in MNIST. */
export function inventPixels(): Uint8Array {
  const random = seeded(1);
  return new Uint8Array(images * pixelsPerImage).map(() => (random() < 0.8 ? 0 : 1 + Math.floor(random() * 255)));
}

/** Pixels as a .npy file with a row per image. */
export function toNpy(pixels: Uint8Array): Uint8Array {
  return Buffer.concat([writeNpyHeader('uint8', [images, pixelsPerImage]), pixels]);
}

/** Rows of doubles between -1 and 1, with all their digits. */
export function randomRows(rows: number, columns: number): number[][] {
  const random = seeded(2);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => 2 * random() - 1));
}

/** Rows of numbers as a float32 .npy file. */
export function toFloatNpy(rows: readonly number[][]): Uint8Array {
  const values = Float32Array.from(rows.flat());
  return Buffer.concat([writeNpyHeader('float32', [rows.length, rows[0].length]), Buffer.from(values.buffer)]);
}

/** The same elements in another order, always the same one. */
export function shuffled<Element>(elements: readonly Element[]): Element[] {
  const random = seeded(3);
  const order = elements.map((element) => ({ element, at: random() }));
  return order.sort((a, b) => a.at - b.at).map(({ element }) => element);
}
