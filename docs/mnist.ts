import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';

/** Digits as 28 × 28 bytes each, and what they are. */
export interface Digits {
  pixels: Uint8Array;
  labels: Uint8Array;
  count: number;
}

const names = {
  train: ['train-images-idx3-ubyte', 'train-labels-idx1-ubyte'],
  test: ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'],
} as const;

/**
 * Reads a part of MNIST from the four files that it comes in, gzip or not.
 * @returns undefined where a file is missing
 */
export function readDigits(folder: string, part: keyof typeof names): Digits | undefined {
  const [images, labels] = names[part].map((name) => readIdx(join(folder, name)));
  return images && labels && { pixels: images.subarray(16), labels: labels.subarray(8), count: labels.length - 8 };
}

function readIdx(path: string): Uint8Array | undefined {
  if (existsSync(path)) return readFileSync(path);
  return existsSync(`${path}.gz`) ? gunzipSync(readFileSync(`${path}.gz`)) : undefined;
}
